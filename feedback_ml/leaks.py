"""Finds texts to be measured on among the texts to be learnt from: the same, or nearly the same.

Two texts are nearly the same when their sets of words overlap by NEAR (Jaccard) or more. Pairs are found by
prefix filtering (Bayardo, Ma and Srikant 2007): each pair that near shares one of its rarest words.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from feedback_ml.features import tokens
from feedback_ml.text import normalise, without_masks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NEAR = 0.8
FEWEST_WORDS = 4
"""Shorter texts are alike by chance: of those only the same words in the same order count."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leak:
    """A text of the gold set, the text to be learnt from that it is like, and how like (Jaccard, 0..1)."""

    gold: str
    learnt: str
    likeness: float


def leaks(gold: Iterable[str], learnt: Iterable[str]) -> list[Leak]:
    """Give for each gold text that is among the learnt ones the likest of them."""
    taught = {words: text for text in learnt if (words := words_of(text))}
    rarity = Counter(word for words in taught for word in set(words))
    index: dict[str, list[Words]] = defaultdict(list)
    for words in taught:
        for word in _prefix(words, rarity):
            index[word].append(words)
    found = []
    for text in gold:
        words = words_of(text)
        likest = max(_near(words, index, rarity, taught), key=lambda pair: pair[1], default=None)
        if likest:
            found.append(Leak(text, taught[likest[0]], likest[1]))
    return found


def words_of(text: str) -> Words:
    """Words and numbers in one spelling; punctuation and emoji make no other text of it."""
    return tuple(word for word in tokens(normalise(without_masks(text))) if word[0].isalnum())


def _near(
    words: Words, index: dict[str, list[Words]], rarity: Counter[str], taught: dict[Words, str]
) -> Iterable[tuple[Words, float]]:
    if words in taught:
        yield words, 1.0
        return
    own = frozenset(words)
    if len(own) < FEWEST_WORDS:
        return
    for other in {found for word in _prefix(words, rarity) for found in index.get(word, ())}:
        those = frozenset(other)
        likeness = len(own & those) / len(own | those)
        if likeness >= NEAR and len(those) >= FEWEST_WORDS:
            yield other, likeness


def _prefix(words: Words, rarity: Counter[str]) -> Sequence[str]:
    """The rarest words, so many that a text as near as NEAR must share one of them."""
    ordered = sorted(set(words), key=lambda word: (rarity[word], word))
    return ordered[: len(ordered) - math.ceil(NEAR * len(ordered)) + 1]
