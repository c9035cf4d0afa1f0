"""What the classifier sees of a text: its words, pairs of words, and the pieces that words are spelt with.

Training and labelling both call these functions, so that a weight means the same on both sides.
"""

from __future__ import annotations

import re
from itertools import pairwise

TOKEN = re.compile(
    r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[!?؟]|[\u2600-\u27bf\U0001f300-\U0001faff]",
)
_PIECES = (3, 4, 5)


def tokens(normal: str) -> list[str]:
    """Words, numbers, question and exclamation marks and emoji of a normalised text, in order."""
    return TOKEN.findall(normal)


def word_terms(words: list[str]) -> list[str]:
    """Words and pairs of neighbours; a pair keeps a negation with what it negates."""
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def pieces(word: str) -> tuple[str, ...]:
    """Runs of 3 to 5 characters of the word with its two ends marked: Roman Urdu has no fixed spelling."""
    marked = f"<{word}>"
    return tuple({marked[at : at + size] for size in _PIECES for at in range(len(marked) - size + 1)})


def marks(normal: str, rating: int | None) -> list[str]:
    """Facts beside the words: the rating if there is one, and whether something is asked."""
    found = [] if rating is None else [f"rating {rating}"]
    if "?" in normal or "؟" in normal:
        found.append("asks")
    return found
