"""The command line: `python -m feedback_ml import|label|topics|train|evaluate|breaches`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feedback_ml import commands, importing
from feedback_ml.classifier import MODEL
from feedback_ml.delivery import Delivery, UnreachableError
from feedback_ml.importing import ALL_IN, NOT_REACHED, USAGE, Summary
from feedback_ml.sources.rows import UnfitRowError, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORECAST = Path(__file__).parents[1] / "functions" / "domain" / "forecast_weights.json"
_IMPORT = """Bring feedback into the suite: the Google Play monthly CSV, App Store Connect JSON, plain CSV or
JSON lines. Exit code 0: all in; 1: some rows refused; 2: wrong use; 3: the suite was not reached or
refused the
token."""


def _moment(written: str) -> datetime:
    try:
        return instant("--date", written)
    except UnfitRowError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parser(now: datetime) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m feedback_ml", description="Feedback into ranked topics.")
    add = parser.add_subparsers(dest="command", required=True)
    bring = add.add_parser("import", help="bring files of feedback into the suite", description=_IMPORT)
    bring.add_argument("--url", default="http://localhost:8000", help="the suite (default %(default)s)")
    bring.add_argument("--token", help="bearer token; default $KHIDMAT_TOKEN, or the local suite's own")
    bring.add_argument("--dry-run", action="store_true", help="read and count only")
    bring.add_argument("--out", type=Path, metavar="FILE.jsonl", help="write the records there instead")
    bring.add_argument("--json", action="store_true", help="print the summary as JSON")
    label = add.add_parser("label", help="print the labels of each text as JSON lines")
    topics = add.add_parser("topics", help="group and rank the texts of files, without the suite")
    topics.add_argument("--top", type=int, default=20, help="topics to print (default %(default)s)")
    topics.add_argument("--as-of", type=_moment, help="rank as of this instant (default: the last text)")
    for reads in (bring, label, topics):
        reads.add_argument("files", nargs="+", type=Path, metavar="FILE")
        reads.add_argument("--app", help="the app, for files that do not say (default: the file's name)")
        reads.add_argument(
            "--date", type=_moment, default=now, help="for texts without a date (default: now)"
        )
    train = add.add_parser("train", help="measure, train, and write the model and its card")
    train.add_argument(
        "--out", type=Path, default=MODEL.parent, help="folder to write to (default: the shipped one)"
    )
    evaluate = add.add_parser("evaluate", help="measure by cross-validation over groups")
    for learns in (train, evaluate):
        learns.add_argument(
            "--data", type=Path, help="folder of public sets; without it the phrases alone teach"
        )
    breaches = add.add_parser(
        "breaches",
        help="train the forecast of missed reports on rows of simulated years, measure it on others",
    )
    breaches.add_argument("--learn", nargs="+", type=Path, required=True, metavar="ROWS.jsonl")
    breaches.add_argument("--judge", nargs="+", type=Path, required=True, metavar="ROWS.jsonl")
    breaches.add_argument("--out", type=Path, default=FORECAST, help="weights (default: the shipped ones)")
    breaches.add_argument("--card", type=Path, default=MODEL.with_name("FORECAST.md"))
    return parser


def _bring(given: argparse.Namespace) -> int:
    delivery = None
    if not (given.dry_run or given.out):
        delivery = Delivery(given.url.rstrip("/"), importing.token_for(given.url, given.token))
    summary = importing.run(
        given.files, app=given.app, written_at=given.date, out=given.out, delivery=delivery
    )
    print(json.dumps(summary.as_json(), ensure_ascii=False) if given.json else summary.as_text())
    return summary.exit_code


def _read(given: argparse.Namespace) -> int:
    summary = Summary()
    if given.command == "label":
        lines = commands.label(given.files, app=given.app, written_at=given.date, summary=summary)
    else:
        lines = commands.topics(
            given.files,
            app=given.app,
            written_at=given.date,
            as_of=given.as_of,
            top=given.top,
            summary=summary,
        )
    _print(lines)
    for refused in summary.refused:
        print(refused, file=sys.stderr)
    return summary.exit_code


def _print(lines: Iterator[str]) -> None:
    for line in lines:
        print(line, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the exit code."""
    now = datetime.now(UTC)
    given = _parser(now).parse_args(arguments)
    try:
        if given.command == "import":
            return _bring(given)
        if given.command in {"label", "topics"}:
            return _read(given)
        if given.command == "train":
            _print(commands.train(given.data, given.out, day=now.date()))
        elif given.command == "breaches":
            _print(commands.breaches(given.learn, given.judge, given.out, given.card, day=now.date()))
        else:
            _print(commands.evaluate(given.data))
    except UnreachableError as error:
        print(error, file=sys.stderr)
        return NOT_REACHED
    except OSError as error:
        print(f"{error.filename or error}: {error.strerror or 'cannot be read'}", file=sys.stderr)
        return USAGE
    return ALL_IN


if __name__ == "__main__":
    sys.exit(main())
