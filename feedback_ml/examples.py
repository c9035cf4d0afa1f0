"""What the models learn from: the project's own phrases, and public sets where a folder of them is given."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml.classifier import SENTIMENTS, TYPES
from feedback_ml.text import Language, language, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PHRASES = Path(__file__).parent / "phrases"
UNKNOWN, NO, YES = -1, 0, 1
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
STARRED = "starred phrases"
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


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from. `targets` holds YES, NO or UNKNOWN for each of the types, in their order."""

    normal: str
    language: Language
    group: str
    targets: tuple[int, ...]
    sentiment: int | None = None
    rating: int | None = None
    weight: float = 1.0
    source: str = "phrases"
    labels: tuple[str, ...] = ()


def phrases(folder: Path = PHRASES) -> list[Example]:
    """Read the project's phrases. Those of one area are one group: a fold is tested on areas it has not seen.

    Phrases without an area are grouped by type in runs of five, in file order, alike in every language.
    """
    found: list[Example] = []
    for path in sorted(folder.glob("*.jsonl")):
        seen: Counter[str] = Counter()
        for row in _rows(path):
            kind = row["type"]
            group = f"area:{row['area']}"
            if row["area"] == "none":
                group = f"none:{kind}:{seen[kind] // 5}"
                seen[kind] += 1
            found.append(
                Example(
                    normal=normalise(row["text"]),
                    language=row["lang"],
                    group=group,
                    targets=tuple(YES if kind == name else NO for name in TYPES),
                    sentiment=SENTIMENTS.index(_FEELS[kind]),
                )
            )
    return found


def starred(own: Sequence[Example]) -> list[Example]:
    """Give copies of phrases with the stars that go with them, at a quarter of the weight.

    Without them the stars would be known from the reviews alone, which have four labels, and one star
    would speak for the types that happen to be among those.
    """
    return [
        replace(example, rating=stars, weight=0.25, source=STARRED)
        for example in own
        for stars in _STARS[TYPES[example.targets.index(YES)]]
    ]


def reviews(folder: Path, *, weight: float = 0.1) -> list[Example]:
    """Read the public app reviews as our types; each is one group with its duplicates."""
    found = []
    for row in _rows(folder / "app_reviews_types.jsonl"):
        normal = normalise(f"{row['title']} . {row['text']}" if row["title"] else row["text"])
        rating = row["rating"]
        found.append(
            Example(
                normal=normal,
                language=language(normal),
                group=f"review:{normal}",
                targets=_as_ours(frozenset(row["labels"]), normal, rating),
                sentiment=_by_stars(rating),
                rating=rating,
                weight=weight,
                source="reviews",
                labels=tuple(row["labels"]),
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
    return tuple(known[name] for name in TYPES)


def _by_stars(rating: int | None) -> int | None:
    if rating is None:
        return None
    return 0 if rating <= 2 else 1 if rating == 3 else 2


def moods(folder: Path) -> list[Example]:
    """Read the public sentiment sets: Roman Urdu, and Urdu script (half weight: reads as translated)."""
    nothing = (UNKNOWN,) * len(TYPES)
    found = []
    sources = (("roman_urdu_sentiment", "ur-Latn", 1.0), ("urdu_product_sentiment", "ur", 0.5))
    for source, spoken, weight in sources:
        for row in _rows(folder / f"{source}.jsonl"):
            mood = {"pos": "positive", "neg": "negative", "neu": "neutral"}.get(
                row["sentiment"], row["sentiment"]
            )
            normal = normalise(row["text"])
            found.append(
                Example(
                    normal=normal,
                    language="ur" if spoken == "ur" else "ur-Latn",
                    group=normal,
                    targets=nothing,
                    sentiment=SENTIMENTS.index(mood),
                    weight=weight,
                    source=source,
                )
            )
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
