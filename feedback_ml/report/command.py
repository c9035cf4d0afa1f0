"""The `report` command: files of feedback in, one page (or its figures as JSON) out."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml import gold, release_files
from feedback_ml.importing import ALL_IN, SOME_REFUSED, Summary, gather
from feedback_ml.report import confusion, page
from feedback_ml.report.findings import find
from feedback_ml.report.outcomes import SHUFFLES, shares, weigh
from feedback_ml.sources.changelogs import is_changelog

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from feedback_ml.classifier import Classifier
    from feedback_ml.report.page import Report
    from feedback_ml.report.wording import Tongue

PAGE = Path("report.html")
DESCRIPTION = """Write one self-contained page about files of feedback, which are read as `import` reads them:
what matters most and why, trends, before and after each release, and how far the labels can be trusted. A
changelog may stand among the files. Exit code 0: written; 1: written, but some lines were refused, each named
on the error stream; 2: wrong use, or nothing to report."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `gold_file` is labelled JSON lines, a file or a folder of them."""

    files: tuple[Path, ...]
    app: str | None
    written_at: datetime
    changelog: Path | None = None
    gold_file: Path = gold.GOLD
    as_of: datetime | None = None
    refused: list[str] = field(default_factory=list)


def add_command(add: Any, moment: Callable[[str], datetime]) -> argparse.ArgumentParser:
    """Declare `report` and what it alone takes; files, --app and --date are those of every reader."""
    report: argparse.ArgumentParser = add.add_parser(
        "report", help="write one page about files of feedback", description=DESCRIPTION
    )
    report.add_argument(
        "--changelog", type=Path, metavar="FILE", help="releases, to measure before and after"
    )
    report.add_argument("--gold", type=Path, default=gold.GOLD, help="labelled JSON lines (default: gold/)")
    report.add_argument("--out", type=Path, metavar="FILE.html", help=f"the page (default: {PAGE})")
    report.add_argument(
        "--lang", choices=("en", "ur"), default="en", help="of the page (default: %(default)s)"
    )
    report.add_argument("--title", default="", help="heading of the page")
    report.add_argument("--as-of", type=moment, help="up to this instant or day (default: the last text)")
    report.add_argument("--json", action="store_true", help="print the figures; a page only with --out")
    return report


def request_of(given: argparse.Namespace) -> Request:
    return Request(tuple(given.files), given.app, given.date, given.changelog, given.gold, given.as_of)


def make(request: Request, classifier: Classifier) -> Report:
    """Read, label, group, rank and measure. Refused lines are added to the request's; OSError, ValueError."""
    feedback = [path for path in request.files if not is_changelog(path)]
    changelogs = [path for path in request.files if path not in feedback]
    changelogs += [request.changelog] if request.changelog else []
    summary = Summary()
    rows = gather(feedback, app=request.app, written_at=request.written_at, summary=summary)
    request.refused.extend(summary.refused)
    entries = []
    for path in changelogs:
        told = release_files.read_changelog(path)
        entries += told.entries
        request.refused.extend(map(str, told.refused))
    entries.sort(key=lambda entry: (entry.released_at, entry.version))
    found = find([row.feedback for row in rows], classifier, as_of=request.as_of)
    judged = confusion.judge(gold.read(request.gold_file), classifier)
    names = tuple(path.name for path in (*feedback, *changelogs))
    return page.Report(found, weigh(entries, found), judged, names, len(request.refused))


def write(report: Report, out: Path, inputs: Sequence[Path], *, tongue: Tongue, title: str) -> int:
    """Write the page; its size in bytes. ValueError rather than over a file that was read."""
    if any(out.exists() and out.samefile(one) for one in inputs):
        raise ValueError(f"--out: {out.name} is one of the files to read; name another")
    html = page.html(report, tongue=tongue, title=title).encode()
    out.write_bytes(html)
    return len(html)


def figures(report: Report) -> dict[str, Any]:
    """What the page shows, for machines."""
    found = report.found
    return {
        "as_of": found.as_of.isoformat(),
        "texts": len(found.texts),
        "people": found.people,
        "refused": report.refused,
        "types": dict(found.counts(lambda text: text.labels.type)),
        "languages": dict(found.counts(lambda text: text.labels.language)),
        "channels": dict(found.counts(lambda text: text.feedback.source)),
        "topics": [
            {"name": {"en": one.name("en"), "ur": one.name("ur")}, "type": one.group.type}
            | _place(one.ranked)
            for one in found.topics
        ],
        "releases": list(
            map(json.loads, release_files.json_lines(
                [one.measured for one in report.outcomes.found],
                {one.ranked.topic_id: one.name("en") for one in found.topics},
            ))
        ),
        "verdicts": {"as_it_is": shares(report.outcomes.as_it_is),
                     "shuffled": shares(report.outcomes.shuffled), "times": SHUFFLES},
        "gold": _judged(report),
    }  # fmt: skip


def _place(ranked: Any) -> dict[str, Any]:
    names = ("rank", "place", "tied", "low_rank", "high_rank", "score", "margin", "people", "texts", "state")
    return {name: getattr(ranked, name) for name in names} | {
        "parts": dict(ranked.parts),
        "weeks": list(ranked.weeks),
    }


def _judged(report: Report) -> dict[str, Any] | None:
    if report.judged is None:
        return None
    return {
        "calibration_error": round(report.judged.calibration.value, 4),
        "type_macro_f1": {one.language: round(one.macro_f1.value, 4) for one in report.judged.matrices},
        "confusion": {one.language: one.counts for one in report.judged.matrices},
    }


def run(given: argparse.Namespace, classifier: Classifier, tell: Callable[[Iterable[str]], None]) -> int:
    """Make the report and write the page, telling what was written; with --json alone no page is written."""
    request, out = request_of(given), given.out or (None if given.json else PAGE)
    report = make(request, classifier)
    sys.stderr.writelines(f"{one}\n" for one in request.refused)
    if out:
        inputs = [*request.files, *([request.changelog] if request.changelog else [])]
        size = write(report, out, inputs, tongue=given.lang, title=given.title)
        texts, topics = len(report.found.texts), len(report.found.topics)
        if not given.json:
            tell([f"{texts:,} texts, {topics:,} topics; {size:,} bytes written to {out}"])
    if given.json:
        tell([json.dumps(figures(report), ensure_ascii=False)])
    return SOME_REFUSED if request.refused else ALL_IN
