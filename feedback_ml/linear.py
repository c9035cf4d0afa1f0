"""Scores a text with exported linear weights. Standard library alone: a cold start pays for every import.

The weights are those of scikit-learn's linear models (`feedback_ml.training`). A text is seen in blocks of
terms (words, concepts, sounds, pieces), each brought to length one, and marks. A block's terms are a plain
list and one row of floats per term, base64-encoded, because a million decimal numbers take longer to read
than a cold start allows. A row holds one weight per column and the squared inverse document frequency from
which the length of the block's vector is made.
"""

from __future__ import annotations

import base64
import math
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from feedback_ml.concepts import concepts, consonants, paired
from feedback_ml.features import marks, pieces, tokens, word_terms
from feedback_ml.text import normalise, without_masks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BLOCKS = ("words", "concepts", "sounds", "pieces", "marks")
_REMEMBERED_WORDS = 20_000

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the models see it: one spelling, its tokens, and its terms by block, each once."""

    normal: str
    words: list[str]
    terms: tuple[tuple[str, ...], ...]
    """Words and pairs of neighbours; concepts and pairs of them; sounds and pairs of them."""


def read(text: str, title: str = "") -> Reading:
    """Bring a text with its title to the form that the models score."""
    return read_normal(normalise(without_masks(f"{title} . {text}" if title else text)))


def read_normal(normal: str) -> Reading:
    """As `read`, of a text that `normalise` has already brought to one spelling."""
    words = tokens(normal)
    found = (word_terms(words), paired(concepts(words)), heard(words))
    return Reading(normal, words, tuple(tuple(dict.fromkeys(terms)) for terms in found))


def heard(words: list[str]) -> list[str]:
    """The consonants that words are heard with, and pairs of them.

    They bring the spellings of Roman Urdu together, and it with Urdu script.
    """
    sounds = [sound for word in words if (sound := consonants(word))]
    return sounds + [f"{first} {second}" for first, second in pairwise(sounds)]


class Linear:
    """Linear models over one list of terms, one score a column. Safe to share between threads."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(model["columns"])
        blocks = {name: self._block(model, name) for name in BLOCKS}
        self._known = tuple(blocks[name] for name in BLOCKS[:3])
        self._piece_at = {name: at for at, name in enumerate(blocks["pieces"])}
        self._pieces = list(blocks["pieces"].values())
        self._marks = blocks["marks"]
        self._bias: Row = (*model["bias"], 0.0)
        self._spelling: dict[str, tuple[int, ...]] = {}

    def _block(self, model: Mapping[str, Any], name: str) -> dict[str, Row]:
        block = model["blocks"][name]
        form = f"<{len(self.columns) + 1}{model['precision']}"
        rows = list(struct.iter_unpack(form, base64.b64decode(block["weights"])))
        if len(rows) != len(block["terms"]):
            raise ValueError(f"{name}: {len(block['terms'])} terms, but {len(rows)} rows of weights")
        return dict(zip(block["terms"], rows, strict=True))

    def scores(self, reading: Reading, rating: int | None) -> Row:
        """Give one linear score a column, as scikit-learn's `decision_function` would."""
        totals = self._bias
        for known, terms in zip(self._known, reading.terms, strict=True):
            totals = _with(totals, list(filter(None, map(known.get, terms))))
        spelt: set[int] = set().union(*map(self._spelt, reading.words))
        totals = _with(totals, list(map(self._pieces.__getitem__, spelt)))
        for mark in marks(reading.normal, rating):
            if (row := self._marks.get(mark)) is not None:
                totals = tuple(map(sum, zip(totals, row, strict=True)))
        return totals[:-1]

    def weights(self, terms: Iterable[str], column: int) -> list[tuple[float, str]]:
        """How much each of the words and pairs that are known speaks for a column."""
        known = self._known[0]
        return [(row[column], term) for term in terms if (row := known.get(term))]

    def knows(self, word: str) -> bool:
        """Whether the word was among those learnt; what is not is missed vocabulary."""
        return word in self._known[0]

    def _spelt(self, word: str) -> tuple[int, ...]:
        known = self._spelling.get(word)
        if known is None:
            if len(self._spelling) >= _REMEMBERED_WORDS:
                self._spelling.clear()
            at = self._piece_at
            known = tuple(at[piece] for piece in sorted(pieces(word)) if piece in at)
            self._spelling[word] = known
        return known


def _with(totals: Row, rows: Sequence[Row]) -> Row:
    """Add the rows of one block, divided by the length of the text's vector in it."""
    if not rows:
        return totals
    sums = list(map(sum, zip(*rows, strict=True)))
    length = math.sqrt(sums[-1])
    return tuple([total + part / length for total, part in zip(totals, sums, strict=True)])
