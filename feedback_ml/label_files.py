"""The commands `label` and `train` on files of JSON lines: anybody's texts, and anybody's labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from feedback_ml.own_labels import Row
from feedback_ml.sources.rows import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from feedback_ml.classifier import Classifier
    from feedback_ml.own_labels import OwnModel

FIRST_STAR, LAST_STAR = 1, 5


class UnfitLineError(Exception):
    """A line that cannot be read: which field, and what to do."""


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any] | Refused]]:
    """Give each line's number and its object; a line that is none is `Refused`. Empty ones are left out."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                yield number, value
            else:
                reason = "not a JSON object: each line must be one whole object; correct or remove it"
                yield number, Refused(path.name, number, reason)


def label(
    path: Path, classifier: Classifier, own: OwnModel | None, refused: list[Refused]
) -> Iterator[dict[str, Any]]:
    """Give every line back with its labels added; a line that cannot be read goes to `refused`.

    Added are lang, type, types, area, sentiment, severity, danger, confidence, abstained and why; with an own
    model its `label` (a list where it may give several) and its probabilities in `scores`.
    """
    for number, found in objects(path):
        if isinstance(found, Refused):
            refused.append(found)
            continue
        try:
            text, title, rating = _content(found)
        except UnfitLineError as error:
            refused.append(Refused(path.name, number, str(error)))
            continue
        yield {**found, **_labels(classifier, text, title, rating), **_own(own, text, title, rating)}


def _content(row: Mapping[str, Any]) -> tuple[str, str, int | None]:
    text, title, rating = row.get("text"), row.get("title"), row.get("rating")
    if text is None and rating is None and not title:
        raise UnfitLineError("field 'text': missing; name the field that holds the text 'text'")
    if not isinstance(text, str | None):
        raise UnfitLineError("field 'text': not a text; write it between quotation marks")
    if not isinstance(title, str | None):
        raise UnfitLineError("field 'title': not a text; write it between quotation marks, or leave it out")
    if rating is not None and not _is_stars(rating):
        raise UnfitLineError("field 'rating': not a whole number from 1 to 5; correct it, or leave it out")
    return text or "", title or "", None if rating is None else int(rating)


def _is_stars(rating: object) -> bool:
    number = isinstance(rating, int | float) and not isinstance(rating, bool)
    return number and rating in range(FIRST_STAR, LAST_STAR + 1)


def _labels(classifier: Classifier, text: str, title: str, rating: int | None) -> dict[str, Any]:
    found = classifier.label(text, title=title, rating=rating)
    return {
        "lang": found.language,
        "type": found.type,
        "types": list(found.types),
        "area": found.area,
        "sentiment": found.sentiment,
        "severity": found.severity,
        "danger": found.danger,
        "confidence": found.confidence,
        "abstained": found.abstained,
        "why": list(found.why),
    }


def _own(own: OwnModel | None, text: str, title: str, rating: int | None) -> dict[str, Any]:
    if own is None:
        return {}
    said = own.label(text, title=title, rating=rating)
    return {"label": list(said.label) if isinstance(said.label, tuple) else said.label, "scores": said.scores}


def rows(
    paths: Sequence[Path], *, label_field: str, group_field: str | None, multi: bool, refused: list[Refused]
) -> list[Row]:
    """Read labelled lines to train on; what has no usable label goes to `refused`.

    With `multi` the field holds a list (it may be empty) or one text; else a text, number or truth value.
    """
    found: list[Row] = []
    for path in paths:
        for number, value in objects(path):
            if isinstance(value, Refused):
                refused.append(value)
                continue
            try:
                found.append(_row(value, label_field, group_field, multi=multi))
            except UnfitLineError as error:
                refused.append(Refused(path.name, number, str(error)))
    return found


def _row(value: Mapping[str, Any], label_field: str, group_field: str | None, *, multi: bool) -> Row:
    text, title, rating = _content(value)
    told = value.get(label_field)
    if multi and told is None:
        raise UnfitLineError(f"field {label_field!r}: missing; give a list of labels, an empty one for none")
    names = told if isinstance(told, list) else [told]
    if not multi and (told is None or isinstance(told, list | dict)):
        raise UnfitLineError(f"field {label_field!r}: give one label, or train with --multi")
    if any(isinstance(name, list | dict) or name is None for name in names):
        raise UnfitLineError(f"field {label_field!r}: labels must be texts")
    group = value.get(group_field) if group_field else None
    if group_field and group is None:
        raise UnfitLineError(f"field {group_field!r}: missing; every line needs the group it belongs to")
    return Row(text, tuple(_name(name) for name in names), title, rating, "" if group is None else str(group))


def _name(label: object) -> str:
    return label if isinstance(label, str) else json.dumps(label)
