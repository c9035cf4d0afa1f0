"""The command line: `python -m feedback_ml import|label|topics|rank|releases|report|train|evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml import commands, importing, rank_files, registry, release_files, topic_files
from feedback_ml.classifier import MODEL, Classifier
from feedback_ml.delivery import Delivery, UnreachableError
from feedback_ml.importing import ALL_IN, INTERRUPTED, NOT_REACHED, SOME_REFUSED, USAGE, Summary, progress
from feedback_ml.report import command as report_command
from feedback_ml.sources.rows import UnfitRowError, instant
from feedback_ml.weights import WeightsError, read_weights
from schemas.feedback import CALENDAR_DATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedback_ml.sources.rows import Refused

FORECAST = Path(__file__).parents[1] / "functions" / "domain" / "forecast_weights.json"
_IMPORT = """Bring feedback into the suite: the Google Play monthly CSV, App Store Connect JSON, plain CSV or
JSON lines. Exit code 0: all in; 1: some rows refused; 2: wrong use; 3: the suite was not reached or
refused the
token."""

_LABEL = """Give every line ({"text", "title"?, "rating"?, ...}) back with lang, type, types, area, sentiment,
severity, danger, confidence, abstained and why; with --model, that model's label and scores. Exit code 0: all
lines labelled; 1: some refused, each named on the error stream; 2: wrong use."""
_TRAIN = """Without --label: the product's classifier, from the project's phrases, corrections and, where
--data is their folder, public sets. With --label: a model of your own labels, by the same features and
threshold search. Exit code 0: trained; 1: some lines refused; 2: wrong use."""
_TOPICS = """Give every line ({"text", "title"?, "type"?, "area"?, "lang"?, ...}) back with topic, an id, and
topic_name. Type and area are the line's own, else the product's. Exit code 0: all lines grouped; 1: some
refused, each named on the error stream, their topic null; 2: wrong use."""
_RANK = """Rank topics from JSON lines with topic, severity (1 to 5), date, rating and person; topic_name,
type, area, language, version, district, overseas, channel and effort_days are used where they are given.
Prints JSON lines, best first, with every part of the score (a table on a terminal). Exit code 0: all lines
read; 1: some refused, each named on the error stream; 2: wrong use."""

_RELEASES = """Measure every topic that a release's changelog is about before and after it: JSON lines of
version, date and changelog, and files of reviews as `import` reads them. A text counts for the version it was
written on. Exit code 0: all lines read; 1: some refused, each named on the error stream; 2: wrong use."""


def _moment(written: str) -> datetime:
    try:
        return instant("--date", written)
    except UnfitRowError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _until(written: str) -> datetime:
    """A day alone means the whole of it."""
    day = timedelta(days=1) if CALENDAR_DATE.fullmatch(written) else timedelta()
    return _moment(written) + day


def _parser(now: datetime) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m feedback_ml", description="Feedback into ranked topics.")
    add = parser.add_subparsers(dest="command", required=True)
    bring = add.add_parser("import", help="bring files of feedback into the suite", description=_IMPORT)
    bring.add_argument("--url", default="http://localhost:8000", help="the suite (default %(default)s)")
    bring.add_argument("--token", help="bearer token; default $KHIDMAT_TOKEN, or the local suite's own")
    bring.add_argument("--dry-run", action="store_true", help="read and count only")
    bring.add_argument("--out", type=Path, metavar="FILE.jsonl", help="write the records there instead")
    bring.add_argument("--json", action="store_true", help="print the summary as JSON")
    bring.add_argument("--refused", type=Path, metavar="FILE.jsonl", help="write the refused rows there too")
    bring.add_argument(
        "--journal",
        type=Path,
        metavar="FILE",
        help="how far an interrupted import came (default: one for these files under $KHIDMAT_HOME)",
    )
    _add_learning(add)
    _add_topics(add)
    _add_rank(add)
    for reads in (bring, _add_releases(add), report_command.add_command(add, _until)):
        reads.add_argument("files", nargs="+", type=Path, metavar="FILE")
        reads.add_argument("--app", help="the app, for files that do not say (default: the file's name)")
        reads.add_argument(
            "--date", type=_moment, default=now, help="for texts without a date (default: now)"
        )
    registry.add_commands(add)
    breaches = add.add_parser(
        "breaches",
        help="train the forecast of missed reports on rows of simulated years, measure it on others",
    )
    breaches.add_argument("--learn", nargs="+", type=Path, required=True, metavar="ROWS.jsonl")
    breaches.add_argument("--judge", nargs="+", type=Path, required=True, metavar="ROWS.jsonl")
    breaches.add_argument("--out", type=Path, default=FORECAST, help="weights (default: the shipped ones)")
    breaches.add_argument("--card", type=Path, default=MODEL.with_name("FORECAST.md"))
    return parser


def _add_learning(add: Any) -> None:
    label = add.add_parser("label", help="give JSON lines back with their labels", description=_LABEL)
    label.add_argument("file", type=Path, metavar="FILE.jsonl")
    label.add_argument("--model", type=Path, metavar="DIR", help="an own model, as `train --label` wrote it")
    label.add_argument("--json", action="store_true", help="JSON lines, which it always prints")
    train = add.add_parser(
        "train", help="train the product's model, or one of your own labels", description=_TRAIN
    )
    train.add_argument("--data", nargs="+", type=Path, default=[], metavar="PATH",
                       help="folder of public sets; with --label, your files")  # fmt: skip
    train.add_argument("--label", metavar="FIELD", help="train a model of your own: the field with the label")
    train.add_argument("--group", metavar="FIELD", help="lines of one group are held out together")
    train.add_argument("--multi", action="store_true", help="several labels may be true of one text")
    train.add_argument("--corrections", nargs="+", type=Path, default=[], metavar="FILE.jsonl",
                       help="product owners' labels, to learn from beside the phrases")  # fmt: skip
    train.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to write to (product: the shipped one)"
    )
    evaluate = add.add_parser("evaluate", help="measure, with intervals, baselines and shuffled controls")
    evaluate.add_argument("--data", type=Path, metavar="FOLDER", help="the public sets")
    evaluate.add_argument(
        "--gold", type=Path, metavar="FILE", help="any labelled JSON lines (default: gold/)"
    )
    evaluate.add_argument(
        "--model", type=Path, metavar="DIR", help="another product model than the shipped one"
    )
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON lines")


def _label(given: argparse.Namespace) -> int:
    refused: list[Refused] = []
    _print(progress(commands.label(given.file, given.model, refused), total=None, unit=" texts"))
    for one in refused:
        print(one, file=sys.stderr)
    return SOME_REFUSED if refused else ALL_IN


def _train(given: argparse.Namespace, now: datetime) -> int:
    if not given.label:
        folder = given.data[0] if given.data else None
        _print(commands.train(folder, given.corrections, given.out or MODEL.parent, day=now.date()))
        return ALL_IN
    if not (given.data and given.out):
        print("train --label needs --data FILE and --out DIR", file=sys.stderr)
        return USAGE
    refused: list[Refused] = []
    _print(
        commands.train_own(
            given.data, given.out, label=given.label, group=given.group, multi=given.multi, refused=refused
        )
    )
    for one in refused:
        print(one, file=sys.stderr)
    return SOME_REFUSED if refused else ALL_IN


def _add_topics(add: Any) -> None:
    topics = add.add_parser("topics", help="group the texts of JSON lines", description=_TOPICS)
    topics.add_argument("file", type=Path, metavar="FILE.jsonl")
    topics.add_argument("--within", metavar="FIELD", help="group apart for each value of this field")
    topics.add_argument("--json", action="store_true", help="JSON lines, which it always prints")


def _add_rank(add: Any) -> None:
    ranks = add.add_parser("rank", help="rank the topics of JSON lines", description=_RANK)
    ranks.add_argument("file", type=Path, metavar="FILE.jsonl")
    ranks.add_argument(
        "--as-of",
        type=_until,
        help="rank as of this instant, or the end of this day (default: the last text)",
    )
    ranks.add_argument("--weights", type=Path, metavar="FILE.json", help="instead of the weights that ship")
    ranks.add_argument("--json", action="store_true", help="JSON lines on a terminal too")


def _add_releases(add: Any) -> Any:
    releases = add.add_parser("releases", help="topics before and after each release", description=_RELEASES)
    releases.add_argument("changelog", type=Path, metavar="CHANGELOG.jsonl")
    releases.add_argument("--as-of", type=_until, help="up to this instant or day (default: the last text)")
    releases.add_argument("--json", action="store_true", help="JSON lines instead of a table")
    releases.add_argument(
        "--shuffled", nargs="?", type=_times, const=20, default=0, metavar="TIMES",
        help="and the verdicts with what the changelog says dealt at random (20 times unless told)",
    )  # fmt: skip
    return releases


def _times(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= 1_000:
        raise argparse.ArgumentTypeError("give a number from 1 to 1000")
    return int(written)


def _releases(given: argparse.Namespace) -> int:
    changelog, summary = release_files.read_changelog(given.changelog), Summary()
    rows = [
        row.feedback
        for row in importing.gather(given.files, app=given.app, written_at=given.date, summary=summary)
    ]
    refused = [*map(str, changelog.refused), *summary.refused]
    for one in refused:
        print(one, file=sys.stderr)
    if rows:
        reviews = release_files.grouped(rows, Classifier.load())
        as_of = given.as_of or max(row.written_at for row in rows)
        report = release_files.report(
            changelog.entries, reviews, as_of=as_of, times=given.shuffled, as_json=given.json
        )
        _print(report)
    return SOME_REFUSED if refused else ALL_IN


def _rank(given: argparse.Namespace) -> int:
    try:
        weights = read_weights(given.weights) if given.weights else None
    except WeightsError as error:
        print(error, file=sys.stderr)
        return USAGE
    found = rank_files.read(given.file)
    for refused in found.refused:
        print(refused, file=sys.stderr)
    if found.without_topic:
        print(
            f"{given.file.name}: {found.without_topic:,} lines without a topic passed over", file=sys.stderr
        )
    places = rank_files.ranked(found, as_of=given.as_of, weights=weights)
    shape = rank_files.table if sys.stdout.isatty() and not given.json else rank_files.json_lines
    _print(shape(places, found))
    return SOME_REFUSED if found.refused else ALL_IN


def _bring(given: argparse.Namespace) -> int:
    delivery = None
    if not (given.dry_run or given.out):
        delivery = Delivery(given.url.rstrip("/"), importing.token_for(given.url, given.token))
    try:
        summary = importing.run(
            given.files, app=given.app, written_at=given.date, out=given.out, delivery=delivery,
            journal=given.journal or importing.journals(),
        )  # fmt: skip
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on from where it was.", file=sys.stderr)
        return INTERRUPTED
    if given.refused:
        importing.write_refused(summary, given.refused)
    print(json.dumps(summary.as_json(), ensure_ascii=False) if given.json else summary.as_text())
    return summary.exit_code


def _topics(given: argparse.Namespace) -> int:
    refused: list[Refused] = []
    rows = topic_files.topics(given.file, Classifier.load(), within=given.within, refused=refused)
    _print(json.dumps(row, ensure_ascii=False) for row in rows)
    for one in refused:
        print(one, file=sys.stderr)
    return SOME_REFUSED if refused else ALL_IN


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _breaches(given: argparse.Namespace, now: datetime) -> int:
    _print(commands.breaches(given.learn, given.judge, given.out, given.card, day=now.date()))
    return ALL_IN


def _evaluate(given: argparse.Namespace) -> int:
    _print(commands.evaluate(given.data, given.gold, given.model, as_json=given.json))
    return ALL_IN


def _report(given: argparse.Namespace) -> int:
    return report_command.run(given, Classifier.load(), _print)


def _run(given: argparse.Namespace, now: datetime) -> int:
    dated = {"train": _train, "breaches": _breaches}
    plain = {"import": _bring, "label": _label, "topics": _topics, "rank": _rank,
             "releases": _releases, "report": _report, "evaluate": _evaluate}  # fmt: skip
    if given.command in registry.COMMANDS:
        return registry.run(given, _print)
    if given.command in dated:
        return dated[given.command](given, now)
    return plain[given.command](given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the exit code."""
    now = datetime.now(UTC)
    given = _parser(now).parse_args(arguments)
    try:
        return _run(given, now)
    except UnreachableError as error:
        print(error, file=sys.stderr)
        return NOT_REACHED
    except ValueError as error:
        print(error, file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"{error.filename or error}: {error.strerror or 'cannot be read'}", file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
