"""A text as grouping reads it: its clauses as written, and each clause as concepts and plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from feedback_ml.concepts import MARK, concepts_and_words, consonants
from feedback_ml.features import tokens
from feedback_ml.text import MASKED, normalise, without_masks
from feedback_ml.words import words as word_lists

_CLAUSE = re.compile(
    r"[.!?;\n\r،,۔؟:()]+|\s-\s|\band\b|\bbut\b|\baur\b|\blekin\b|\bmagar\b|\bاور\b|\bلیکن\b|\bمگر\b"
)
_LONGEST_NAME_WORDS, _SHORTEST_NAME_WORDS = 9, 2
_LONGEST_NAME = 70
# A matter seldom needs more than the beginning of a long letter, and 100,000 texts must stay quick.
_READ = 600


@dataclass(frozen=True, slots=True)
class Clause:
    """`written` as the person wrote it; `terms` are its concepts (marked `=`) and its telling words.

    `shown` holds each term as it was written: Urdu is compared by its consonants, which nobody reads.
    """

    written: str
    terms: tuple[str, ...]
    shown: tuple[str, ...] = ()


def clauses(text: str, language: str = "en") -> tuple[Clause, ...]:
    """Cut a text where one thought ends. Words of Urdu, in either script, are spelt by their consonants."""
    stop = word_lists().stop
    heard = language in {"ur", "ur-Latn"}
    found = []
    for part in _CLAUSE.split(text[:_READ]):
        words = tokens(normalise(without_masks(part)))
        if not words:
            continue
        pairs = [
            (term, word)
            for word, known in concepts_and_words(words)
            if (term := word if known else "" if word in stop else _plain(word, heard=heard))
        ]
        terms, shown = tuple(term for term, _ in pairs), tuple(word for _, word in pairs)
        found.append(Clause(" ".join(part.split()), terms, shown))
    return tuple(found)


def _plain(word: str, *, heard: bool) -> str:
    if not word[0].isalpha() or len(word) < 3:
        return ""
    if word.isascii() and not heard:
        return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
    sound = consonants(word)
    return sound if len(sound) > 1 else ""


def fit_for_a_name(clause: Clause) -> bool:
    """Tell whether a clause could stand as a topic's name: two to nine words, and something it is about.

    What had a person's name or number in it stands for that person's matter, not for everybody's.
    """
    count = len(clause.written.split())
    return (
        _SHORTEST_NAME_WORDS <= count <= _LONGEST_NAME_WORDS
        and len(clause.written) <= _LONGEST_NAME
        and bool(clause.terms)
        and not MASKED.search(clause.written)
    )


def as_name(written: str) -> str:
    """Write a clause as a name: one space between words, a capital at the beginning."""
    name = " ".join(written.split()).strip(" -*\"'")
    return name[:1].upper() + name[1:]


def readable(terms: tuple[str, ...]) -> str:
    """Write terms for a reader, when no clause can stand as the name."""
    return as_name(", ".join(term.removeprefix(MARK).replace("_", " ") for term in terms))
