"""What the models learn from: the project's own phrases, and public sets where a folder of them is given."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml.classifier import AREAS, COLUMNS, DANGER, SENTIMENTS, TYPES
from feedback_ml.text import Language, language, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PHRASES = Path(__file__).parent / "phrases"
UNKNOWN, NO, YES = -1, 0, 1
REVIEW_WEIGHT, CALM_WEIGHT = 0.1, 0.05
_SLOW = (
    "slow",
    "lag",
    "hang",
    "freez",
    "battery",
    "loading",
    "takes forever",
    "storage",
    "data usage",
    "sluggish",
)
_FEELS = {
    "bug": "negative",
    "performance": "negative",
    "usability": "negative",
    "service_complaint": "negative",
    "feature_request": "neutral",
    "question": "neutral",
    "other": "neutral",
    "praise": "positive",
}
_STARS = {
    "bug": (1, 2),
    "performance": (1, 2, 3),
    "usability": (1, 2, 3),
    "service_complaint": (1, 2),
    "feature_request": (2, 3, 4, 5),
    "question": (1, 3, 5),
    "other": (1, 3, 5),
    "praise": (4, 5),
}
# What an annotated span of a review tells of our types.
_SPANS = {
    "Crashing Issues": "bug",
    "Functionality Issues": "bug",
    "Content and Media Issues": "bug",
    "Performance Issues": "performance",
    "UI / Design Issues": "usability",
    "User Experience Issues": "usability",
}


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from. `targets` holds YES, NO or UNKNOWN for each of `COLUMNS`, in their order."""

    normal: str
    language: Language
    group: str
    targets: tuple[int, ...]
    sentiment: int | None = None
    rating: int | None = None
    weight: float = 1.0
    source: str = "phrases"
    labels: tuple[str, ...] = ()

    @property
    def main(self) -> str:
        """The main type; of several the first said."""
        return self.labels[0]


def targets(known: Mapping[str, int]) -> tuple[int, ...]:
    """One answer for each column; what is not told stays unknown."""
    return tuple(known.get(name, UNKNOWN) for name in COLUMNS)


def phrases(folder: Path = PHRASES) -> list[Example]:
    """Read the project's phrases.

    A group is what one writer wrote of one type and area at one sitting; what was written side by side in
    four languages is one group, so that no fold is tested on a translation of what it has seen.
    """
    return [phrase(row) for path in sorted(folder.glob("*.jsonl")) for row in rows_of(path)]


def phrase(row: Mapping[str, Any]) -> Example:
    """Make one line of a phrase file (text, lang, type, area; types, danger, sentiment, batch) an example."""
    kinds = tuple(row.get("types") or (row["type"],))
    known = {name: YES if name in kinds else NO for name in TYPES}
    known |= {f"area {name}": YES if name == row["area"] else NO for name in AREAS}
    known[DANGER] = YES if row.get("danger") else NO
    return Example(
        normal=normalise(row["text"]),
        language=row["lang"],
        group=f"{row.get('batch', 'first')}:{row['type']}:{row['area']}",
        targets=targets(known),
        sentiment=SENTIMENTS.index(row.get("sentiment") or _FEELS[row["type"]]),
        labels=kinds,
    )


def starred(own: Sequence[Example]) -> list[Example]:
    """Give every third phrase stars that go with its type.

    Without them the stars would be known from the reviews alone, which have four labels, and one star
    would speak for the types that happen to be among those.
    """
    return [
        replace(example, rating=_STARS[example.main][at // 3 % len(_STARS[example.main])])
        if at % 3 == 0
        else example
        for at, example in enumerate(own)
    ]


def reviews(folder: Path, *, weight: float = REVIEW_WEIGHT) -> list[Example]:
    """Read the public app reviews as our types; each is one group with its duplicates."""
    found = []
    for row in rows_of(folder / "app_reviews_types.jsonl"):
        normal = normalise(f"{row['title']} . {row['text']}" if row["title"] else row["text"])
        rating = row["rating"]
        found.append(
            Example(
                normal=normal,
                language=language(normal),
                group=f"review:{normalise(row['text'])}",
                targets=_as_ours(frozenset(row["labels"]), normal, rating),
                sentiment=_by_stars(rating),
                rating=rating,
                weight=weight,
                source="reviews",
                labels=tuple(row["labels"]),
            )
        )
    return found


def issues(folder: Path, *, weight: float = REVIEW_WEIGHT) -> list[Example]:
    """Read the public reviews with annotated spans of issues; without a span a text reports none."""
    found = []
    for row in rows_of(folder / "app_reviews_issue_spans.jsonl"):
        normal = normalise(row["text"])
        spans = [kind for _, _, kind in row["spans"]]
        told = {_SPANS[kind] for kind in spans if kind in _SPANS}
        known = {name: YES if name in told else NO for name in ("bug", "performance", "usability")}
        known[DANGER] = NO
        found.append(
            Example(
                normal=normal,
                language=language(normal),
                group=f"review:{normal}",
                targets=targets(known),
                weight=weight,
                source="issues",
                labels=tuple(spans),
            )
        )
    return found


def _as_ours(labels: frozenset[str], normal: str, rating: int | None) -> tuple[int, ...]:
    """Translate Maalej's four labels; what they do not tell stays unknown and teaches nothing.

    Bug and Feature are ours. Rating or UserExperience with four stars or more is praise; Rating alone
    with two or fewer says nothing but displeasure: other. UserExperience tells how the app is used, not
    that it is hard to use, so it never becomes usability, and below four stars usability stays unknown.
    """
    content = rating is not None and rating >= 4
    known = dict.fromkeys(TYPES, NO)
    known["usability"] = NO if content else UNKNOWN
    known["bug"] = YES if "Bug" in labels else NO
    known["feature_request"] = YES if "Feature" in labels else NO
    known["praise"] = YES if content and labels & {"Rating", "UserExperience"} else NO
    if any(word in normal for word in _SLOW):
        known["performance"] = UNKNOWN
        known["bug"] = UNKNOWN if "Bug" in labels else NO
    if "?" in normal:
        known["question"] = UNKNOWN
    known["service_complaint"] = NO if content or "Bug" in labels else UNKNOWN
    if labels == {"Rating"} and not content:
        known["other"] = YES if rating is not None and rating <= 2 else UNKNOWN
    if not any(value == YES for value in known.values()):
        known = {name: UNKNOWN if value == NO and name not in {"bug", "feature_request"} else value
                 for name, value in known.items()}  # fmt: skip
    # Nobody calls for help in the reviews of these apps.
    return targets({**known, DANGER: NO})


def _by_stars(rating: int | None) -> int | None:
    if rating is None:
        return None
    return 0 if rating <= 2 else 1 if rating == 3 else 2


def moods(folder: Path) -> list[Example]:
    """Read the public sentiment sets: Roman Urdu, and Urdu script (half weight: reads as translated)."""
    found = []
    sources = (("roman_urdu_sentiment", "ur-Latn", 1.0), ("urdu_product_sentiment", "ur", 0.5))
    for source, spoken, weight in sources:
        for row in rows_of(folder / f"{source}.jsonl"):
            mood = {"pos": "positive", "neg": "negative", "neu": "neutral"}.get(
                row["sentiment"], row["sentiment"]
            )
            normal = normalise(row["text"])
            found.append(
                Example(
                    normal=normal,
                    language="ur" if spoken == "ur" else "ur-Latn",
                    group=normal,
                    targets=targets({}),
                    sentiment=SENTIMENTS.index(mood),
                    weight=weight,
                    source=source,
                    labels=(mood,),
                )
            )
    return found


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Give the objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
