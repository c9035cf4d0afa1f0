"""Labels one text with the shipped weights. Standard library alone: a cold start pays for every import.

The weights are those of scikit-learn's linear models (`feedback_ml.training`), written as one JSON
file: the terms as plain lists, and one row of 32-bit floats per term, base64-encoded, because a million
decimal numbers take longer to read than a cold start allows. A row holds a weight per type, a weight
per sentiment, and the squared inverse document frequency from which the length of the text's vector is
made.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml.concepts import concepts, paired
from feedback_ml.features import marks, pieces, tokens, word_terms
from feedback_ml.severity import severity
from feedback_ml.text import Language, language_of, normalise, without_masks
from feedback_ml.words import words as word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MODEL = Path(__file__).parent / "model" / "classifier.json"
FORMAT = 1
TYPES = (
    "bug",
    "performance",
    "usability",
    "feature_request",
    "service_complaint",
    "question",
    "praise",
    "other",
)
SENTIMENTS = ("negative", "neutral", "positive")
COLUMNS = len(TYPES) + len(SENTIMENTS) + 1
_REMEMBERED_WORDS = 20_000
_WHY = 3

# What the stars add to the negative, neutral and positive scores; the words decide unless they say little.
_STARS = {
    1: (1.5, 0.0, -1.5),
    2: (1.0, 0.2, -1.0),
    3: (0.2, 0.8, 0.0),
    4: (-1.0, 0.2, 1.0),
    5: (-1.5, 0.0, 1.5),
}

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of one text; the fields are those of `schemas.feedback.Labels`."""

    type: str
    types: tuple[str, ...]
    language: Language
    sentiment: str
    severity: int
    confidence: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Log-odds per type and unnormalised log-probabilities per sentiment, as scikit-learn would give them."""

    types: tuple[float, ...]
    sentiments: tuple[float, ...]


class Classifier:
    """The shipped linear models. Make it with `load`; one instance serves any number of texts and threads."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        if model.get("format") != FORMAT or tuple(model["types"]) != TYPES:
            raise ValueError("this model file was written by another version: train it again")
        rows = list(struct.iter_unpack(f"<{COLUMNS}f", base64.b64decode(model["weights"])))
        names = (*model["words"], *model["pieces"], *model["marks"])
        if len(rows) != len(names):
            raise ValueError(f"{len(names)} terms, but {len(rows)} rows of weights")
        first, second = len(model["words"]), len(model["words"]) + len(model["pieces"])
        self._words: dict[str, Row] = dict(zip(names[:first], rows[:first], strict=True))
        self._piece_at = {name: at for at, name in enumerate(names[first:second])}
        self._pieces: list[Row] = rows[first:second]
        self._marks: dict[str, Row] = dict(zip(names[second:], rows[second:], strict=True))
        self._bias: Row = (*model["bias"], 0.0)
        self._cut = tuple(math.log(limit / (1 - limit)) for limit in model["thresholds"])
        self._slope, self._offset = model["confidence"]
        self._stop = word_lists().stop
        self._spelling: dict[str, tuple[int, ...]] = {}

    @classmethod
    def load(cls, path: Path | None = None) -> Classifier:
        """Read the shipped model, or another one; ValueError for a file of another format."""
        return cls(json.loads((path or MODEL).read_bytes()))

    def label(self, text: str, *, title: str = "", rating: int | None = None) -> Prediction:
        """Say what one text is. An empty text is judged by its rating alone."""
        normal = normalise(without_masks(f"{title} . {text}" if title else text))
        words = tokens(normal)
        spoken = language_of(normal)
        if not any(word[0].isalnum() or ord(word[0]) > 0x2000 for word in words):
            return _rating_alone(rating, spoken)
        terms = dict.fromkeys(word_terms(words) + paired(concepts(words)))
        scores = self._score(normal, words, terms, rating)
        return self._judge(scores, terms.keys(), spoken, rating)

    def scores(self, text: str, *, title: str = "", rating: int | None = None) -> Scores:
        """Give the linear scores before any threshold; for tests, and to choose what to label by hand."""
        normal = normalise(without_masks(f"{title} . {text}" if title else text))
        words = tokens(normal)
        return self._score(normal, words, dict.fromkeys(word_terms(words) + paired(concepts(words))), rating)

    def _score(self, normal: str, words: list[str], terms: Iterable[str], rating: int | None) -> Scores:
        known = self._words
        totals = self._bias
        totals = _with(totals, [known[term] for term in terms if term in known])
        spelt: set[int] = set().union(*(self._spelt(word) for word in words))
        totals = _with(totals, [self._pieces[at] for at in spelt])
        for mark in marks(normal, rating):
            if (row := self._marks.get(mark)) is not None:
                totals = tuple(map(sum, zip(totals, row, strict=True)))
        return Scores(totals[: len(TYPES)], totals[len(TYPES) : -1])

    def _spelt(self, word: str) -> tuple[int, ...]:
        known = self._spelling.get(word)
        if known is None:
            if len(self._spelling) >= _REMEMBERED_WORDS:
                self._spelling.clear()
            at = self._piece_at
            known = tuple(at[piece] for piece in sorted(pieces(word)) if piece in at)
            self._spelling[word] = known
        return known

    def _judge(
        self, scores: Scores, terms: Iterable[str], spoken: Language, rating: int | None
    ) -> Prediction:
        margins = [score - cut for score, cut in zip(scores.types, self._cut, strict=True)]
        order = sorted(range(len(TYPES)), key=lambda at: -margins[at])
        main = order[0]
        lead = margins[main] - margins[order[1]]
        types = (TYPES[main], *(TYPES[at] for at in order[1:] if margins[at] >= 0))
        stars = _STARS.get(rating or 0, (0.0, 0.0, 0.0))
        felt = [score + star for score, star in zip(scores.sentiments, stars, strict=True)]
        sentiment = SENTIMENTS[felt.index(max(felt))]
        return Prediction(
            type=TYPES[main],
            types=types,
            language=spoken,
            sentiment=sentiment,
            severity=severity(TYPES[main], sentiment=sentiment, rating=rating, terms=set(terms)),
            confidence=round(1 / (1 + math.exp(-(self._slope * lead + self._offset))), 4),
            why=self._why(terms, main),
        )

    def _why(self, terms: Iterable[str], main: int) -> tuple[str, ...]:
        known = self._words
        weighed = sorted([(known[term][main], term) for term in terms if term in known], reverse=True)
        chosen: list[str] = []
        for weight, term in weighed:
            if weight <= 0 or len(chosen) == _WHY:
                break
            parts = term.split()
            if not term[0].isalnum() or self._stop.issuperset(parts):
                continue
            if not any(word in other.split() for other in chosen for word in parts):
                chosen.append(term)
        return tuple(chosen)


def _with(totals: Row, rows: Sequence[Row]) -> Row:
    """Add the rows of one block, divided by the length of the text's vector in it."""
    if not rows:
        return totals
    sums = list(map(sum, zip(*rows, strict=True)))
    length = math.sqrt(sums[-1])
    return tuple([total + part / length for total, part in zip(totals, sums, strict=True)])


def _rating_alone(rating: int | None, spoken: Language) -> Prediction:
    content = rating is not None and rating >= 4
    sentiment = "neutral" if rating in {None, 3} else "positive" if content else "negative"
    kind = "praise" if content else "other"
    return Prediction(
        type=kind,
        types=(kind,),
        language=spoken,
        sentiment=sentiment,
        severity=severity(kind, sentiment=sentiment, rating=rating, terms=frozenset()),
        confidence=1.0 if rating is None else 0.9,
        why=(),
    )
