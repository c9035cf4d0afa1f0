"""Joins a new text to the nearest topic at once, by the standard library alone; or to none.

At night the topics' centres are written as plain data (`centres_of`), which `Assigner` reads. A text that
fits nowhere waits for the next night, whose grouping then has to look at such texts alone: cost follows what
is new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

from feedback_ml.readings import as_vector, marks, terms_of, word_weight
from feedback_ml.text import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedback_ml.topics import GroupItem

FORM = 1
"""The form of the data; another one is not read."""
JOINS = 0.25
"""Cosine to a topic's centre from which a new text joins it."""
_TERMS = 80
_DIGITS = 4


class CentresError(ValueError):
    """The data is not centres as this version writes them; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A topic's terms (up to 80) and what each weighs: a unit vector."""

    topic_id: str
    terms: Mapping[str, float]


def centres_of(topics: Mapping[str, Sequence[GroupItem]]) -> dict[str, Any]:
    """Write the centres of topics, each given by its texts, as data that JSON can hold.

    Shape: {"form", "words": 0..1, "unknown": rarity, "rare": {term: rarity}, "topics": [{"topic_id",
    "terms": {term: weight}}]}. A topic without texts has no centre.
    """
    items = {item.feedback_id: item for texts in topics.values() for item in texts}
    words = word_weight(item.language for item in items.values())
    read = {feedback_id: _terms(item) for feedback_id, item in items.items()}
    met = Counter(term for terms in read.values() for term in terms)
    rare = {term: round(log((1 + len(read)) / (1 + n)) + 1, _DIGITS) for term, n in met.items()}
    unknown = round(log(1 + len(read)) + 1, _DIGITS)
    centres = [
        centre_of(topic_id, [as_vector(read[item.feedback_id], rare, unknown, words) for item in texts])
        for topic_id, texts in sorted(topics.items())
        if texts
    ]
    used = {term for centre in centres for term in centre.terms}
    return {
        "form": FORM,
        "words": round(words, _DIGITS),
        "unknown": unknown,
        "rare": {term: rare[term] for term in sorted(used)},
        "topics": [{"topic_id": centre.topic_id, "terms": dict(centre.terms)} for centre in centres],
    }


def centre_of(topic_id: str, vectors: Iterable[Mapping[str, float]]) -> Centre:
    """Give the direction of the sum of unit vectors, its heaviest terms alone."""
    total: dict[str, float] = defaultdict(float)
    for vector in vectors:
        for term, value in vector.items():
            total[term] += value
    kept = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:_TERMS]
    length = sum(value * value for _, value in kept) ** 0.5
    return Centre(topic_id, {term: round(value / length, _DIGITS) for term, value in kept} if length else {})


class Assigner:
    """Topics' centres, ready to be asked: thousands of texts a second."""

    def __init__(self, centres: Mapping[str, Any]) -> None:
        """Take the data of `centres_of`; CentresError when it is of another form."""
        if not isinstance(centres, dict) or centres.get("form") != FORM:
            raise CentresError(f"form: {FORM} is expected; write the centres anew")
        self._words = float(centres["words"])
        self._unknown = float(centres["unknown"])
        self._rare = dict(centres["rare"])
        self._of_term: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for topic in centres["topics"]:
            for term, value in topic["terms"].items():
                self._of_term[term].append((topic["topic_id"], value))

    def nearest(self, text: str, type_: str = "", area: str = "") -> tuple[str, float] | None:
        """Give the nearest topic and the cosine (0..1) to its centre; None when the text fits nowhere.

        What shares with a topic nothing but its type and area does not fit.
        """
        terms = terms_of(text, language(text), marks(type_, area))
        vector = as_vector(terms, self._rare, self._unknown, self._words)
        near: dict[str, float] = defaultdict(float)
        said: set[str] = set()
        for term, value in vector.items():
            for topic_id, weight in self._of_term.get(term, ()):
                near[topic_id] += value * weight
                if " " not in term:
                    said.add(topic_id)
        best = min(said, key=lambda topic_id: (-near[topic_id], topic_id), default=None)
        if best is None or near[best] < JOINS:
            return None
        return best, min(1.0, near[best])


def _terms(item: GroupItem) -> list[str]:
    return terms_of(item.text, item.language, marks(item.type, item.area))
