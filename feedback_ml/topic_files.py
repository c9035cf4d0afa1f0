"""The command `topics`: JSON lines in, the same lines out with the topic each text fell into."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from feedback_ml.importing import progress
from feedback_ml.sources.rows import Refused
from feedback_ml.text import Language, language
from feedback_ml.topics import GroupItem, group_all
from schemas.feedback import Area, FeedbackType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from feedback_ml.classifier import Classifier

LANGUAGES, TYPES, AREAS = get_args(Language), get_args(FeedbackType), get_args(Area)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file as it is written back; `item` is None where it was refused."""

    row: dict[str, Any]
    item: GroupItem | None
    within: str = ""


def topics(
    path: Path, classifier: Classifier, *, within: str | None, refused: list[Refused]
) -> Iterator[dict[str, Any]]:
    """Give every line back, in order, with `topic` (an id) and `topic_name` added.

    Grouped by text (and title) together with type and area: those the line has, else the classifier's. With
    `within`, lines are grouped apart for each value of that field. A line that cannot be read goes to
    `refused` and has a topic of null; of one that is no JSON object, `line` holds what stood there. OSError
    when the file cannot be opened.
    """
    lines = list(progress(_lines(path, classifier, within, refused), total=None, unit=" texts"))
    parts: dict[str, list[GroupItem]] = defaultdict(list)
    for line in lines:
        if line.item:
            parts[line.within].append(line.item)
    if sys.stderr.isatty():
        print(f"grouping {sum(map(len, parts.values())):,} texts", file=sys.stderr)  # noqa: T201  a command's
    found: dict[str, tuple[str, str]] = {}
    for value, items in parts.items():
        found.update(_named(value, items))
    for line in lines:
        topic, name = found[line.item.feedback_id] if line.item else (None, None)
        yield {**line.row, "topic": topic, "topic_name": name}


def _named(value: str, items: Sequence[GroupItem]) -> Iterator[tuple[str, tuple[str, str]]]:
    text_of = {item.feedback_id: item.text for item in items}
    for one in group_all(items):
        said = "\x00".join((value, *sorted(member + text_of[member] for member in one.members)))
        topic = f"t-{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:16]}"
        for member in one.members:
            yield member, (topic, one.name_en)


def _lines(path: Path, classifier: Classifier, within: str | None, refused: list[Refused]) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as opened:
        for number, written in enumerate(opened, start=1):
            if not written.strip():
                continue
            row = _object(written)
            reason = _unfit(row)
            if row is None or reason:
                refused.append(Refused(path.name, number, reason))
                yield Line({"line": written.strip()} if row is None else row, None)
            else:
                yield Line(row, _item(number, row, classifier), _value(row, within))


def _object(written: str) -> dict[str, Any] | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _unfit(row: dict[str, Any] | None) -> str:
    """Say why a line cannot be grouped; empty when it can."""
    if row is None:
        return "not a JSON object: each line must be one whole object; correct or remove it"
    if "text" not in row and not row.get("title"):
        return "field 'text': missing; name the field that holds the text 'text'"
    for name in ("text", "title"):
        if not isinstance(row.get(name), str | None):
            return f"field '{name}': not a text; write it between quotation marks"
    return ""


def _item(number: int, row: dict[str, Any], classifier: Classifier) -> GroupItem:
    title, text = row.get("title") or "", row.get("text") or ""
    kind, area = _listed(row.get("type"), TYPES), _listed(row.get("area"), AREAS)
    if not (kind and area):
        said = classifier.label(text, title=title)
        kind, area = kind or said.type, area or said.area
    whole = f"{title} . {text}" if title else text
    return GroupItem(
        f"{number:09}",
        whole,
        kind,
        _listed(row.get("lang"), LANGUAGES) or language(whole),
        str(row.get("person") or ""),
        area,
    )


def _listed(value: object, known: tuple[str, ...]) -> str:
    return value if isinstance(value, str) and value in known else ""


def _value(row: dict[str, Any], within: str | None) -> str:
    return json.dumps(row.get(within), sort_keys=True) if within else ""
