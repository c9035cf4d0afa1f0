"""Brings English, Urdu and Roman Urdu words for one thing together.

`او ٹی پی`, `OTP` and `verification code` are all `otp`. The words are data: `lexicon.json`, one list of
spellings per concept; a spelling may be several words long.
"""

from __future__ import annotations

import functools
import json
from itertools import pairwise
from pathlib import Path

from feedback_ml.features import tokens
from feedback_ml.text import normalise

LEXICON = Path(__file__).parent / "lexicon.json"
MARK = "="
"""Stands before a concept's name, so that no word of a text is mistaken for one."""

# Consonants that Roman Urdu writes with the same Latin letter, and letters it drops.
_SOUNDS = str.maketrans(
    {
        **dict.fromkeys("ثسص", "s"), **dict.fromkeys("زذضظژ", "z"), **dict.fromkeys("تطٹ", "t"),
        **dict.fromkeys("دڈ", "d"), **dict.fromkeys("رڑ", "r"), **dict.fromkeys("حہھ", "h"),
        **dict.fromkeys("کق", "k"), **dict.fromkeys("نں", "n"), "ب": "b", "پ": "p", "ج": "j", "چ": "c",
        "خ": "k", "ش": "s", "غ": "g", "گ": "g", "ف": "f", "ل": "l", "م": "m", "و": "", "ی": "", "ے": "",
        "ا": "", "آ": "", "ع": "", "ئ": "", "ء": "",
    }
)  # fmt: skip
_LATIN_SOUNDS = str.maketrans({**dict.fromkeys("aeiouyw"), "q": "k", "x": "ks", "v": ""})
_PAIRS = (
    ("sh", "s"),
    ("ch", "c"),
    ("kh", "k"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("bh", "b"),
)

_Spellings = dict[str, list[tuple[tuple[str, ...], str]]]


@functools.cache
def spellings() -> _Spellings:
    """Read the lexicon: under each first word the spellings that begin with it, the longest first."""
    found: _Spellings = {}
    for concept, variants in json.loads(LEXICON.read_bytes()).items():
        for variant in variants:
            words = tuple(tokens(normalise(variant)))
            found.setdefault(words[0], []).append((words, MARK + concept))
    for known in found.values():
        known.sort(key=lambda entry: (-len(entry[0]), entry))
    return found


def concepts(words: list[str]) -> list[str]:
    """Name the concepts in a list of words, in order, each preceded by `=`; other words are left out."""
    return [name for name, known in concepts_and_words(words) if known]


def paired(found: list[str]) -> list[str]:
    """Concepts, and unordered pairs of neighbours: the three languages order their words differently."""
    return found + [
        first + second if first < second else second + first
        for first, second in pairwise(found)
        if first != second
    ]


def concepts_and_words(words: list[str]) -> list[tuple[str, bool]]:
    """Replace the spellings of concepts, longest first; the second value tells which are concepts."""
    lexicon = spellings()
    read: list[tuple[str, bool]] = []
    at = 0
    while at < len(words):
        word = words[at]
        for spelling, concept in lexicon.get(word, ()):
            if len(spelling) == 1 or tuple(words[at : at + len(spelling)]) == spelling:
                read.append((concept, True))
                at += len(spelling)
                break
        else:
            read.append((word, False))
            at += 1
    return read


def skeleton(text: str) -> str:
    """Write a text as concepts and the consonants of its other words, alike in both scripts.

    Numbers and marks are left out. The form is for comparing, not for reading.
    """
    read = concepts_and_words(tokens(normalise(text)))
    return " ".join(part for word, known in read if (part := word if known else consonants(word)))


@functools.lru_cache(maxsize=50_000)
def consonants(word: str) -> str:
    """Give the consonants a word is heard with, in Latin letters; empty for a mark or number."""
    if not word[0].isalpha():
        return ""
    if word.isascii():
        for written, heard in _PAIRS:
            word = word.replace(written, heard)
        # A vowel at the beginning is heard, but Urdu writes it with a letter that may stand for any.
        heard = word.translate(_LATIN_SOUNDS)
    else:
        heard = word.translate(_SOUNDS)
    # At the end of a word Urdu writes an h for a vowel.
    heard = heard.removesuffix("h")
    return "".join(now for before, now in zip(" " + heard, heard, strict=False) if now != before)
