"""Labels one text with the shipped weights: types, area, mood, severity, danger, and the words that decided.

The standard library alone is used (`feedback_ml.linear` scores). Below the confidence at which half of the
held-out answers for a type were right the classifier abstains: its type is the best guess, and a person is
asked.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml.linear import Linear, Reading, read
from feedback_ml.severity import severity
from feedback_ml.text import Language, language_of
from feedback_ml.words import words as word_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL = Path(__file__).parent / "model" / "classifier.json"
FORMAT = 2
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
AREAS = (
    "sign_in",
    "payments",
    "certificates",
    "complaints",
    "licences",
    "centres",
    "registration",
    "safety",
    "notifications",
    "language",
    "app",
    "none",
)
SENTIMENTS = ("negative", "neutral", "positive")
DANGER = "danger"
COLUMNS = (*TYPES, *(f"area {area}" for area in AREAS), DANGER)
"""Columns of the first block of weights; the second has the sentiments."""
_AREAS_FROM, _DANGER_AT = len(TYPES), len(COLUMNS) - 1
_WHY = 3

# What the stars add to the negative, neutral and positive scores; the words decide unless they say little.
_STARS = {
    1: (1.5, 0.0, -1.5),
    2: (1.0, 0.2, -1.0),
    3: (0.2, 0.8, 0.0),
    4: (-1.0, 0.2, 1.0),
    5: (-1.5, 0.0, 1.5),
}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of one text; the fields are those of `schemas.feedback.Labels`."""

    type: str
    types: tuple[str, ...]
    language: Language
    sentiment: str
    severity: int
    confidence: float
    area: str = "none"
    danger: bool = False
    abstained: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """Log-odds per type, per area and of danger, and unnormalised log-probabilities per sentiment."""

    types: tuple[float, ...]
    areas: tuple[float, ...]
    danger: float
    sentiments: tuple[float, ...]


class Classifier:
    """The shipped linear models. Make it with `load`; one instance serves any number of texts and threads."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        if model.get("format") != FORMAT or tuple(model["matters"]["columns"]) != COLUMNS:
            raise ValueError("this model file was written by another version: train it again")
        self.name: str = model["name"]
        self._matters = Linear(model["matters"])
        self._moods = Linear(model["moods"])
        self._cut = tuple(map(_log_odds, model["thresholds"]))
        self._area_cut = tuple(map(_log_odds, model["area_thresholds"]))
        self._danger_cut = _log_odds(model["danger_threshold"])
        self._slope, self._offset = model["confidence"]
        self._abstain = tuple(model["abstain_below"])
        self._stop = word_lists().stop

    @classmethod
    def load(cls, path: Path | None = None) -> Classifier:
        """Read the shipped model, or another one; ValueError for a file of another format."""
        return cls(json.loads((path or MODEL).read_bytes()))

    def label(self, text: str, *, title: str = "", rating: int | None = None) -> Prediction:
        """Say what one text is. An empty text is judged by its rating alone."""
        reading = read(text, title)
        spoken = language_of(reading.normal)
        if not any(word[0].isalnum() or ord(word[0]) > 0x2000 for word in reading.words):
            return _rating_alone(rating, spoken)
        return self._judge(self._score(reading, rating), reading, spoken, rating)

    def scores(self, text: str, *, title: str = "", rating: int | None = None) -> Scores:
        """Give the linear scores before any threshold; for tests, and to choose what to label by hand."""
        return self._score(read(text, title), rating)

    def margin(self, text: str, *, title: str = "", rating: int | None = None) -> float:
        """How far the first type leads the second, in log-odds: the smaller, the more a label would teach."""
        margins = self._margins(self.scores(text, title=title, rating=rating))
        first, second = sorted(margins, reverse=True)[:2]
        return first - second

    def missed(self, text: str, title: str = "") -> float:
        """Share (0..1) of the text's words that the models never saw; 0 for a text without words."""
        words = {word for word in read(text, title).words if word[0].isalpha()}
        return sum(not self._matters.knows(word) for word in words) / len(words) if words else 0.0

    def _score(self, reading: Reading, rating: int | None) -> Scores:
        said = self._matters.scores(reading, rating)
        felt = self._moods.scores(reading, None)
        return Scores(said[:_AREAS_FROM], said[_AREAS_FROM:_DANGER_AT], said[_DANGER_AT], felt)

    def _margins(self, scores: Scores) -> list[float]:
        return [score - cut for score, cut in zip(scores.types, self._cut, strict=True)]

    def _judge(self, scores: Scores, reading: Reading, spoken: Language, rating: int | None) -> Prediction:
        margins = self._margins(scores)
        order = sorted(range(len(TYPES)), key=lambda at: -margins[at])
        main = order[0]
        lead = margins[main] - margins[order[1]]
        confidence = 1 / (1 + math.exp(-(self._slope * lead + self._offset)))
        areas = [score - cut for score, cut in zip(scores.areas, self._area_cut, strict=True)]
        stars = _STARS.get(rating or 0, (0.0, 0.0, 0.0))
        felt = [score + star for score, star in zip(scores.sentiments, stars, strict=True)]
        sentiment = SENTIMENTS[felt.index(max(felt))]
        danger = scores.danger >= self._danger_cut
        terms = set(reading.terms[0])
        found = severity(TYPES[main], sentiment=sentiment, rating=rating, terms=terms, danger=danger)
        return Prediction(
            type=TYPES[main],
            types=(TYPES[main], *(TYPES[at] for at in order[1:] if margins[at] >= 0)),
            language=spoken,
            sentiment=sentiment,
            severity=found,
            confidence=round(confidence, 4),
            area=AREAS[areas.index(max(areas))],
            danger=danger,
            abstained=confidence < self._abstain[main],
            why=self._why(reading, main),
        )

    def _why(self, reading: Reading, main: int) -> tuple[str, ...]:
        weighed = sorted(self._matters.weights(reading.terms[0], main), reverse=True)
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


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


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
    )
