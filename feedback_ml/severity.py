"""How bad one text says it is, 1 to 5: a formula that a product owner can check with a pencil.

    severity = base of the type
             + rating      1 star +1, 2 stars +0.5, 4 stars -0.5, 5 stars -1, none 0
             + sentiment   negative +0.5, positive -0.5
             + words       danger to a person +2, money lost +1, locked out +0.5 (the largest one counts)

rounded half up and kept within 1..5. Words count only where they report harm: not in praise, in a wish
or in spam. Where somebody may be at risk now it is 5, whatever the sum.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from feedback_ml.words import words

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

WORST = 5
BASE = {
    "bug": 2.5,
    "service_complaint": 2.5,
    "performance": 2.0,
    "usability": 1.5,
    "feature_request": 1.0,
    "question": 1.0,
    "praise": 1.0,
    "other": 1.0,
}
BY_RATING = {1: 1.0, 2: 0.5, 4: -0.5, 5: -1.0}
BY_SENTIMENT = {"negative": 0.5, "positive": -0.5}
_REPORTS_HARM = frozenset({"bug", "service_complaint", "performance", "usability", "question"})


def severity(
    kind: str, *, sentiment: str, rating: int | None, terms: AbstractSet[str], danger: bool = False
) -> int:
    """Give 1 (a remark) to 5 (somebody is in danger). `terms` are the text's words and pairs of words."""
    if danger:
        return WORST
    points = BASE[kind] + BY_RATING.get(rating or 0, 0.0) + BY_SENTIMENT.get(sentiment, 0.0)
    if kind in _REPORTS_HARM:
        points += _harm(terms)
    return min(WORST, max(1, math.floor(points + 0.5)))


def _harm(terms: AbstractSet[str]) -> float:
    known = words()
    worths = ((known.danger, 2.0), (known.money, 1.0), (known.locked_out, 0.5))
    return next((worth for listed, worth in worths if not listed.isdisjoint(terms)), 0.0)
