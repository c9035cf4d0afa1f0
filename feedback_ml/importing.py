"""The `import` command: read files, drop what was revised, deliver the rest, and sum up."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feedback_ml.delivery import BATCH, Delivery, Outcome, UnreachableError
from feedback_ml.journal import Journal
from feedback_ml.sources.changelogs import ReleaseLine, is_changelog, read_releases
from feedback_ml.sources.reading import app_name, latest, rows
from feedback_ml.sources.rows import Accepted, Defaults, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

ALL_IN, SOME_REFUSED, USAGE, NOT_REACHED = 0, 1, 2, 3
INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
ROOT = Path(__file__).parent.parent
TOKEN_VARIABLE, HOME_VARIABLE = "KHIDMAT_TOKEN", "KHIDMAT_HOME"


@dataclass(slots=True)
class Summary:
    """Counts of rows; `older` were revised later in the input, `written` went to a file instead."""

    read: int = 0
    older: int = 0
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    written: int = 0
    releases: dict[str, int] = field(default_factory=dict)
    """Releases of changelogs by outcome: added, unchanged, replaced, or read where nothing was delivered."""
    refused: list[str] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    """The same rows, part by part."""
    sources: dict[str, int] = field(default_factory=dict)
    """Records by source, as they were read."""
    resumed: int = 0
    """Records that an import cut short had delivered; this one went on behind them."""
    seconds: float = 0.0

    def refuse(self, row: Refused) -> None:
        self.refused.append(str(row))
        self.refusals.append(row)

    @property
    def rows_per_second(self) -> float:
        return round(self.read / self.seconds, 1) if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        return SOME_REFUSED if self.refused else ALL_IN

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "older": self.older,
            "added": self.added,
            "unchanged": self.unchanged,
            "replaced": self.replaced,
            "written": self.written,
            "releases": self.releases,
            "resumed": self.resumed,
            "sources": self.sources,
            "refused": self.refused,
            "seconds": round(self.seconds, 2),
            "rows_per_second": self.rows_per_second,
        }

    def as_text(self) -> str:
        counts = [
            ("read", self.read),
            ("revised later", self.older),
            ("added", self.added),
            ("unchanged", self.unchanged),
            ("replaced", self.replaced),
            ("written", self.written),
            ("delivered before", self.resumed),
            *((f"releases {outcome}", count) for outcome, count in self.releases.items()),
            ("refused", len(self.refused)),
        ]
        told = ", ".join(
            f"{count:,} {name}" for name, count in counts if count or name in {"read", "refused"}
        )
        lines = [f"{told} in {self.seconds:.1f} s ({self.rows_per_second:,.0f} rows/s)"]
        if self.sources:
            lines.append("by source: " + ", ".join(f"{n} {count:,}" for n, count in self.sources.items()))
        return "\n".join([*self.refused, *lines])


def progress(items: Iterable[Any], *, total: int | None, unit: str) -> Iterable[Any]:
    """Show a progress bar on a terminal, and nothing in a pipe or a log."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm  # noqa: PLC0415  only a terminal needs it

    bar: Iterable[Any] = tqdm(items, total=total, unit=unit)
    return bar


def gather(
    paths: Sequence[Path], *, app: str | None, written_at: datetime, summary: Summary
) -> list[Accepted]:
    """Read every file; OSError for one that cannot be opened, before anything is delivered."""
    found: list[Accepted] = []
    for path in paths:
        defaults = Defaults(app or app_name(path), written_at)
        for row in progress(rows(path, defaults), total=None, unit=" rows"):
            summary.read += 1
            if isinstance(row, Refused):
                summary.refuse(row)
            else:
                source = row.feedback.source
                summary.sources[source] = summary.sources.get(source, 0) + 1
                found.append(row)
    kept = latest(found)
    summary.older = len(found) - len(kept)
    return kept


def gather_releases(paths: Sequence[Path], summary: Summary) -> list[ReleaseLine]:
    """Read every changelog; OSError for one that cannot be opened, before anything is delivered."""
    found: list[ReleaseLine] = []
    for path in paths:
        for row in read_releases(path):
            if isinstance(row, Refused):
                summary.refuse(row)
            else:
                found.append(row)
    return found


def deliver(
    found: Sequence[Accepted],
    delivery: Delivery,
    summary: Summary,
    releases: Sequence[ReleaseLine] = (),
    app: str | None = None,
    journal: Journal | None = None,
) -> None:
    """Deliver the records, then the changelog, and have each app's topics made anew, measured round it.

    Goes on behind what `journal` says was delivered. UnreachableError when that fails.
    """
    try:
        _deliver_records(found, delivery, summary, journal)
        apps = sorted({row.feedback.app for row in found})
        if len(apps) > 1 and not app:
            # Of which of them the releases are nobody has said.
            reason = "feedback of several apps was given: say with --app which the changelog is of"
            for line in releases:
                summary.refuse(Refused(line.file, line.line, reason))
            releases = ()
        _deliver_releases(releases, delivery, summary, app or (apps[0] if apps else None))
        for name in apps:
            delivery.regroup(name)
    finally:
        delivery.close()


def _deliver_records(
    found: Sequence[Accepted], delivery: Delivery, summary: Summary, journal: Journal | None
) -> None:
    done = journal.take_up(summary) if journal else 0
    outcomes = progress(delivery.deliver(found[done:]), total=len(found) - done, unit=" rows")
    try:
        for outcome in outcomes:
            _count(outcome, summary)
            done += 1
            # A batch is delivered whole, so behind one it is known what is in.
            if journal and done % BATCH == 0:
                journal.note(done, summary)
    except UnreachableError as error:
        if not journal or not journal.delivered:
            raise
        told = f"{journal.delivered:,} of {len(found):,} records are in; the same command goes on from there."
        raise UnreachableError(f"{error}\n{told}") from None


def _count(outcome: Outcome, summary: Summary) -> None:
    if outcome.outcome == "added":
        summary.added += 1
    elif outcome.outcome == "unchanged":
        summary.unchanged += 1
    elif outcome.outcome == "replaced":
        summary.replaced += 1
    else:
        row = outcome.row
        summary.refuse(Refused(row.file, row.line, outcome.reason or "refused without a reason"))


def _deliver_releases(
    lines: Sequence[ReleaseLine], delivery: Delivery, summary: Summary, app: str | None
) -> None:
    for line, outcome, reason in delivery.releases(app, lines):
        if outcome == "refused":
            summary.refuse(Refused(line.file, line.line, reason or "refused without a reason"))
            continue
        summary.releases[outcome] = summary.releases.get(outcome, 0) + 1


def write(found: Sequence[Accepted], path: Path, summary: Summary) -> None:
    """Write the records as JSON lines, as `POST /v1/feedback/imports` takes them."""
    with path.open("w", encoding="utf-8") as out:
        for row in found:
            out.write(row.feedback.model_dump_json(exclude_none=True) + "\n")
    summary.written = len(found)


def journals(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder where imports say how far they came."""
    return Path(environment.get(HOME_VARIABLE) or ROOT / "var") / "imports"


def write_refused(summary: Summary, path: Path) -> None:
    """Write the refused rows as JSON lines of file, line and reason; an empty file where there are none."""
    with path.open("w", encoding="utf-8") as out:
        for row in summary.refusals:
            said = {"file": row.file, "line": row.line, "reason": row.reason}
            out.write(json.dumps(said, ensure_ascii=False) + "\n")


def token_for(url: str, given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Find the bearer token: the one given, the environment's, or, for this machine, the local suite's own.

    UnreachableError when there is none.
    """
    if token := given or environment.get(TOKEN_VARIABLE):
        return token
    if is_loopback(url):
        home = Path(environment.get(HOME_VARIABLE) or ROOT / "var")
        kept = home / "tokens" / "product_owner"
        if kept.is_file():
            return kept.read_text(encoding="utf-8").strip()
        raise UnreachableError(
            f"No local sign-in at {kept}: start the suite with `make run`, or pass --token "
            "(or use --dry-run / --out)"
        )
    raise UnreachableError(f"{url} needs a token: pass --token, or set {TOKEN_VARIABLE}")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(
    paths: Sequence[Path],
    *,
    app: str | None,
    written_at: datetime,
    out: Path | None,
    delivery: Delivery | None,
    journal: Path | None = None,
) -> Summary:
    """Read, and then write to `out`, or deliver, or (with neither) only count.

    A changelog among the files is of `app`, or else of the one app that the others are about. `journal` is a
    file, or a folder for one, that says how far an import of the same files into the same suite came.
    """
    summary = Summary()
    began = time.monotonic()
    changelogs = [path for path in paths if is_changelog(path)]
    feedback = [path for path in paths if path not in changelogs]
    found = gather(feedback, app=app, written_at=written_at, summary=summary)
    releases = gather_releases(changelogs, summary)
    if out:
        write(found, out, summary)
    elif delivery and (found or releases):
        kept = Journal.of(journal, delivery.url, app, paths) if journal else None
        deliver(found, delivery, summary, releases, app, kept)
        if kept:
            kept.done()
    elif releases:
        summary.releases["read"] = len(releases)
    summary.seconds = time.monotonic() - began
    return summary
