"""The commands round the champion: corrections out of the suite, a challenge, promotion and roll-back.

A folder of a model holds `classifier.json` and, once it was challenged, `report.json`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml import examples, gold, importing, learning
from feedback_ml.classifier import Classifier
from feedback_ml.importing import ALL_IN, SOME_REFUSED, progress
from feedback_ml.suite import Suite, upload
from schemas.models import Report

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from schemas.models import Compared

    Tell = Callable[[Iterable[str]], None]

MODEL_FILE, REPORT_FILE = "classifier.json", "report.json"
PAGE = "100"
COMMANDS = ("corrections", "challenge", "promote", "rollback")
_CHALLENGE = """Measure the model in DIR against the champion on texts that neither learnt from, and write
DIR/report.json. Refuses when a gold text, or nearly the same, is among the phrases or the corrections given.
Exit code 0: better; 1: the champion stays, with the reasons; 2: wrong use."""


def add_commands(add: Any) -> None:
    """The commands' own arguments."""
    bring = add.add_parser("corrections", help="write what people labelled in the suite as JSON lines")
    bring.add_argument("--app", help="the app (default: the suite's own)")
    bring.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    challenge = add.add_parser(
        "challenge", help="measure a model against the champion", description=_CHALLENGE
    )
    challenge.add_argument("model", type=Path, metavar="DIR")
    challenge.add_argument("--champion", type=Path, metavar="DIR", help="default: the one that ships")
    challenge.add_argument("--gold", type=Path, default=gold.GOLD, help="file or folder (default: gold/)")
    challenge.add_argument("--corrections", nargs="+", type=Path, default=[], metavar="FILE.jsonl",
                           help="what the model learnt from beside the phrases")  # fmt: skip
    challenge.add_argument("--json", action="store_true", help="print the report as JSON")
    promote = add.add_parser("promote", help="offer the model in DIR to the suite and make it the champion")
    promote.add_argument("model", type=Path, metavar="DIR")
    promote.add_argument("--force", action="store_true", help="though it was not measured better")
    rollback = add.add_parser("rollback", help="return to the champion before")
    for changes in (promote, rollback):
        changes.add_argument("--reason", default="", help="why; it goes on record")
    for asks in (bring, promote, rollback):
        asks.add_argument("--url", default="http://localhost:8000", help="the suite (default %(default)s)")
        asks.add_argument("--token", help="bearer token; default $KHIDMAT_TOKEN, or the local suite's own")


def run(given: argparse.Namespace, tell: Tell) -> int:
    """Run one of COMMANDS, telling its lines; give the exit code."""
    if given.command == "challenge":
        report = challenge(given.model, given.champion, given.gold, given.corrections)
        tell([report.model_dump_json()] if given.json else told(report))
        return ALL_IN if report.better else SOME_REFUSED
    url = given.url.rstrip("/")
    suite = Suite(url, importing.token_for(url, given.token))
    if given.command == "corrections":
        tell([f"{corrections(suite, given.app, given.out):,} corrections written to {given.out}"])
    elif given.command == "promote":
        tell(promote(suite, given.model, force=given.force, reason=given.reason))
    else:
        tell(rollback(suite, given.reason))
    return ALL_IN


def corrections(suite: Suite, app: str | None, out: Path) -> int:
    """Write every correction as a line that `train --corrections` takes; how many there are.

    The file is there whole or not at all.
    """
    query = {"limit": PAGE} | ({"app": app} if app else {})
    rows = progress(suite.pages("/v1/labels/export", query), total=None, unit=" texts")
    draft, count = out.with_name(f"{out.name}.draft"), 0
    with draft.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    draft.replace(out)
    return count


def challenge(model: Path, champion: Path | None, gold_at: Path, corrected: Sequence[Path]) -> Report:
    """Measure the model in a folder and write its report beside it; GoldLearntFromError for a leak."""
    lines = gold.read(gold_at)
    taught = examples.phrases()
    taught += learning.corrections(row for path in corrected for row in examples.rows_of(path))
    learning.refuse_leaks(lines, taught)
    report = learning.challenge(
        Classifier.load(champion / MODEL_FILE if champion else None),
        Classifier.load(model / MODEL_FILE),
        lines,
    )
    (model / REPORT_FILE).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return report


def told(report: Report) -> Iterator[str]:
    """The report for people to read."""
    yield f"{report.challenger} against {report.champion} on {report.types.texts:,} texts ({report.gold})"
    rows = {"type": report.types, **{f"type, {name}": one for name, one in report.languages.items()}}
    rows |= {"area": report.areas, "danger, recall": report.danger_recall}
    rows["danger, precision"] = report.danger_precision
    for name, one in rows.items():
        yield _row(name, one)
    yield (
        f"lead {report.difference:+.3f} ({report.low:+.3f} to {report.high:+.3f}), p {report.p:.4f}, "
        f"McNemar p {report.p_mcnemar:.4f}"
    )
    yield "better: promote it" if report.better else "the champion stays"
    yield from (f"- {reason}" for reason in report.reasons)


def _row(name: str, one: Compared) -> str:
    return f"  {name:<18} {one.champion:.3f} -> {one.challenger:.3f}  ({one.texts:,} texts)"


def promote(suite: Suite, model: Path, *, force: bool, reason: str) -> Iterator[str]:
    """Offer, upload, and make the champion; RefusedError says what speaks against it."""
    content = (model / MODEL_FILE).read_bytes()
    report = Report.model_validate_json((model / REPORT_FILE).read_bytes())
    name = str(json.loads(content)["name"])
    offer = {
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "report": report.model_dump(mode="json"),
    }
    upload(suite.post("/v1/models", offer)["upload"], content)
    yield f"{name} is on offer"
    body = {"force": force} | ({"reason": reason} if reason else {})
    yield _standing(suite.post(f"/v1/models/{name}/promote", body))


def rollback(suite: Suite, reason: str) -> Iterator[str]:
    yield _standing(suite.post("/v1/models/rollback", {"reason": reason} if reason else {}))


def _standing(listed: dict[str, Any]) -> str:
    return f"{listed['champion']} labels within five minutes; before it: {listed['previous'] or 'none'}"
