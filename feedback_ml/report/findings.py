"""What a report is made of: texts labelled, grouped and ranked once, by the product's own parts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback_ml.importing import progress
from feedback_ml.priority import Evidence, Ranked, Row, rank
from feedback_ml.text import mask_personal
from feedback_ml.topics import Group, GroupItem, group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from feedback_ml.classifier import Classifier, Prediction
    from schemas.feedback import Feedback

# Overrides and isolates that would turn the text around a quote; no script needs them.
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True, slots=True)
class Text:
    """One text with its labels; `said` is title and text together, as they were written."""

    feedback: Feedback
    labels: Prediction

    @property
    def said(self) -> str:
        own = self.feedback
        return f"{own.title} . {own.text}" if own.title else own.text

    @property
    def person(self) -> str:
        """Whose it is: a text that names nobody is a person of its own."""
        return self.feedback.person or self.feedback.feedback_id


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of texts and its place."""

    group: Group
    ranked: Ranked
    texts: tuple[Text, ...]

    def name(self, tongue: str) -> str:
        """In the reader's language where there is one; made of people's clauses, so masked as these are."""
        return shown(self.group.name_ur if tongue == "ur" else self.group.name_en)

    @property
    def quotes(self) -> tuple[Text, ...]:
        known = {text.feedback.feedback_id: text for text in self.texts}
        return tuple(known[i] for i in self.group.quotes if i in known)


@dataclass(frozen=True, slots=True)
class Findings:
    """Every text up to `as_of`, and the topics, best first. Calls for help are in `texts` and in no topic."""

    texts: tuple[Text, ...]
    topics: tuple[Topic, ...]
    as_of: datetime

    def counts(self, of: Callable[[Text], str]) -> Counter[str]:
        return Counter(map(of, self.texts))

    @property
    def people(self) -> int:
        return len({text.person for text in self.texts})


def find(
    rows: Sequence[Feedback],
    classifier: Classifier,
    *,
    as_of: datetime | None = None,
    weights: Mapping[str, float] | None = None,
) -> Findings:
    """Label, group and rank, as of the newest text unless told otherwise. ValueError when nothing is left."""
    instant = as_of or max((row.written_at for row in rows), default=None)
    kept = [row for row in rows if instant and row.written_at <= instant]
    if instant is None or not kept:
        raise ValueError("nothing to report: no feedback was read up to that instant")
    texts = tuple(
        Text(row, classifier.label(row.text, title=row.title, rating=row.rating))
        for row in progress(kept, total=len(kept), unit=" texts")
    )
    return Findings(texts, _topics(texts, instant, weights), instant)


def _topics(texts: Sequence[Text], as_of: datetime, weights: Mapping[str, float] | None) -> tuple[Topic, ...]:
    known = {text.feedback.feedback_id: text for text in texts}
    groups = group([_item(text) for text in texts if text.said.strip() and not text.labels.danger])
    members = [tuple(known[i] for i in one.members) for one in groups]
    evidence = [
        Evidence(str(at), one.type, tuple(map(_row, found)), area=_area(found))
        for at, (one, found) in enumerate(zip(groups, members, strict=True))
    ]
    placed = rank(evidence, as_of=as_of, weights=weights)
    return tuple(Topic(groups[int(one.topic_id)], one, members[int(one.topic_id)]) for one in placed)


def _item(text: Text) -> GroupItem:
    own, labels = text.feedback, text.labels
    area = "" if labels.area == "none" else labels.area
    return GroupItem(own.feedback_id, text.said, labels.type, labels.language, own.person, area)


def _area(texts: Sequence[Text]) -> str:
    areas = Counter(text.labels.area for text in texts)
    return min(areas, key=lambda area: (-areas[area], area))


def _row(text: Text) -> Row:
    own = text.feedback
    return Row(
        person=own.person,
        written_at=own.written_at,
        severity=text.labels.severity,
        rating=own.rating,
        language=text.labels.language,
        version=own.version,
        district=own.district,
        overseas=own.overseas,
        channel=own.source,
    )


def shown(text: str) -> str:
    """A text as it may be shown: nobody's name or number, and nothing that turns the line around it."""
    return mask_personal(text).translate(_TURNING).strip()
