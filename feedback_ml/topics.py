"""Groups texts that say the same thing, across English, Urdu, Roman Urdu and a mixture of them.

Texts are brought to their common form (`phonetics`), grouped by what they say together with their type and
area (`bottleneck`), as people wanted it (`constraining`), and named (`topic_names`). How many groups there
are follows from the texts. Nothing is forced: a text that resembles none stays ungrouped, and praise and
other are never grouped, for they ask for nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.constraining import NONE, Constraints, constrained
from feedback_ml.readings import Readings, marks, read, terms_of, vectors, word_weight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GROUPED = ("bug", "performance", "usability", "feature_request", "service_complaint", "question")
NEAR = 0.12
"""Cosine to the others of its group, taken together, from which a text stays in it."""
ALIKE = 0.75
"""Cosine of two groups from which they are one topic that so many wrote of that it fell into several."""
_SAME = 0.2


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One text to group: `text` is title and text together, `person` a pseudonym or empty.

    `type` and `area` may be empty where nobody knows them.
    """

    feedback_id: str
    text: str
    type: str
    language: str
    person: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts about one thing. `matter` is the known matter's id, empty for a group that named itself.

    `quotes` are the feedback ids of up to three of its most typical texts, by different persons.
    """

    type: str
    members: tuple[str, ...]
    name_en: str
    name_ur: str
    quotes: tuple[str, ...]
    terms: tuple[str, ...]
    matter: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Formed:
    """Texts, and in their order the group of each (`labels`; -1: in none) and its unit vector (`rows`)."""

    items: tuple[GroupItem, ...]
    readings: Readings
    rows: Any
    labels: Any


def group(items: Sequence[GroupItem], *, smallest: int = 3, constraints: Constraints = NONE) -> list[Group]:
    """Group the texts; groups of fewer than `smallest` texts are dropped, as are texts like no other.

    Largest first; the same input, in any order, gives the same answer. 100,000 short texts take less than
    half a minute and a gigabyte.
    """
    wanted = [item for item in items if item.type in GROUPED]
    if not wanted:
        return []
    formed = _formed(wanted)
    labels = constrained(formed.rows, _loosened(formed), _ids(formed), constraints)
    return _named(formed, labels, smallest, constraints)


def group_all(items: Sequence[GroupItem], *, constraints: Constraints = NONE) -> list[Group]:
    """Group every text, praise and other too; one that says nothing that others say is a group alone."""
    if not items:
        return []
    formed = _formed(items)
    labels = constrained(formed.rows, formed.labels.copy(), _ids(formed), constraints)
    alone = (labels < 0).nonzero()[0]
    labels[alone] = range(labels.max() + 1, labels.max() + 1 + len(alone))
    return _named(formed, labels, 1, constraints)


def match(previous: Mapping[str, frozenset[str]], groups: Sequence[Group]) -> dict[int, str]:
    """Give each group the topic of an earlier night that it continues: the largest overlap first, one to one.

    A group that shares less than a fifth of the smaller side with every free topic continues none.
    """
    homes: dict[str, list[str]] = defaultdict(list)
    for topic_id, members in previous.items():
        for feedback_id in members:
            homes[feedback_id].append(topic_id)
    shared: Counter[tuple[int, str]] = Counter()
    for index, one in enumerate(groups):
        for feedback_id in one.members:
            shared.update((index, topic_id) for topic_id in homes.get(feedback_id, ()))
    order = sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))
    matched: dict[int, str] = {}
    given: set[str] = set()
    for (index, topic_id), overlap in order:
        enough = overlap >= _SAME * min(len(groups[index].members), len(previous[topic_id]))
        if enough and index not in matched and topic_id not in given:
            matched[index] = topic_id
            given.add(topic_id)
    return matched


def _formed(items: Sequence[GroupItem]) -> Formed:
    from feedback_ml import bottleneck  # noqa: PLC0415  labelling must not load numpy

    order = tuple(sorted(items, key=lambda item: item.feedback_id))
    texts = [terms_of(item.text, item.language, marks(item.type, item.area)) for item in order]
    readings = read(texts, word_weight(item.language for item in order))
    # A text whose labels alone are shared with others says nothing that they say.
    said = readings.rows[:, [at for at, term in enumerate(readings.terms) if " " not in term]]
    labels = bottleneck.grouped(readings.rows, readings.weights)
    labels[said.getnnz(axis=1) == 0] = -1
    rows = vectors(readings)
    return Formed(order, readings, rows, _folded(rows, labels))


def _folded(rows: Any, labels: Any) -> Any:
    """Make one group of two that are alike, the most alike first."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    from feedback_ml.constraining import sums  # noqa: PLC0415  as above

    if labels.max(initial=-1) < 1:
        return labels
    together = sums(rows, labels).toarray()
    while True:
        lengths = np.linalg.norm(together, axis=1)
        centres = together / np.maximum(lengths, 1e-9)[:, None]
        near = np.triu(centres @ centres.T, k=1)
        first, second = np.unravel_index(near.argmax(), near.shape)
        if near[first, second] < ALIKE:
            return labels
        together[first] += together[second]
        together[second] = 0
        labels[labels == second] = first


def _ids(formed: Formed) -> list[str]:
    return [item.feedback_id for item in formed.items]


def _loosened(formed: Formed) -> Any:
    """Let go of the texts that are not near to the others of their group, taken together without the text."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    from feedback_ml.constraining import sums  # noqa: PLC0415  as above

    labels = formed.labels.copy()
    inside = np.flatnonzero(labels >= 0)
    if not len(inside):
        return labels
    together = sums(formed.rows, labels)
    own = together[labels[inside]]
    near = np.asarray(formed.rows[inside].multiply(own).sum(axis=1)).ravel()
    long = np.asarray(own.multiply(own).sum(axis=1)).ravel()
    others = np.sqrt(np.maximum(long - 2 * near + 1, 1e-9))
    labels[inside[(near - 1) / others < NEAR]] = -1
    return labels


def _named(formed: Formed, labels: Any, smallest: int, constraints: Constraints) -> list[Group]:
    from feedback_ml import topic_names  # noqa: PLC0415  it needs this module's classes

    members: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels.tolist()):
        if label >= 0:
            members[label].append(row)
    found = [rows for rows in members.values() if len(rows) >= smallest]
    made = topic_names.finished(formed, found, constraints)
    return sorted(made, key=lambda one: (-len(one.members), one.name_en, one.members))
