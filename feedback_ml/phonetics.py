"""The common form: what a text says, alike in English, Urdu, Roman Urdu and a mixture of them.

A word becomes its concept where the lexicons know it, exactly, by its stem or by its sound; any other word
becomes its stem, or the consonants it is heard with. `lexicon.json` is what the classifier was taught with;
`vocabulary.json` is read by grouping alone, and may be amended without teaching anything anew. A spelling
that ends in a dash stands for the forms of a verb.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from feedback_ml.concepts import LEXICON, MARK, consonants
from feedback_ml.features import tokens
from feedback_ml.text import normalise, without_masks
from feedback_ml.words import words as word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VOCABULARY = Path(__file__).parent / "vocabulary.json"
HEARD = "~"
"""Stands before the sound of a word that no lexicon knows."""
LIGHT = 0.5
"""What a concept counts that says little by itself (not, again, come), beside 1 for any other term."""
# A matter seldom needs more than the beginning of a long letter, and 100,000 texts must stay quick.
_READ = 600
_LEAST_SOUNDS = 3
_FORMS = {
    False: ("", *"aeio", "ay", "ey", "ta", "ti", "te", "tay", "ty", "ta", "na", "ne", "ni", "nay", "ny", "ne",
            "ya", "yi", "ye", "ein", "en", "ain", "un", "oon", "ega", "egi", "ega", "enge", "ingi", "kar",
            "kr", "ti", "tin", "i", "wa", "wana", "wane", "aya", "ayi", "aye", "ana", "ane", "ata", "ati",
            "ate", "ai", "ae", "raha", "rahi", "rahe", "rha", "rhi", "rhe"),
    True: ("", "ا", "ی", "ے", "و", "تا", "تی", "تے", "نا", "نی", "نے", "یا", "ئی", "ئے", "یں", "ئیں", "وں",
           "ے گا", "ے گی", "ئے گا", "ئے گی", "ایا", "ائی", "ائے", "اتا", "اتی", "اتے", "انا", "انے", "انی",
           "وا", "وایا", "وانا", "وانے", "وائی", "کر", "تیں", "ائیں", "اؤ", "او"),
}  # fmt: skip
_SOFT = (
    (re.compile(r"tion|sion|cian"), "sn"),
    (re.compile(r"ture"), "cr"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck"), "k"),
    (re.compile(r"(?<!^)c(?!h)"), "k"),
    (re.compile(r"^c(?!h)"), "k"),
    (re.compile(r"g(?=e[^t]|e$|i[^v])"), "j"),
    (re.compile(r"q"), "k"),
)
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_ENGLISH = re.compile(r"[a-z]+(?:'[a-z]+)*")

_Spellings = dict[str, list[tuple[tuple[str, ...], str]]]


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """`spellings` by their first word, the longest first; single words by stem and by sound."""

    spellings: _Spellings
    stems: dict[str, str]
    sounds: dict[str, str]
    light: frozenset[str]
    stop: frozenset[str]
    urdu: dict[str, str]


@functools.cache
def _lexicon() -> _Lexicon:
    own = json.loads(VOCABULARY.read_bytes())
    known: dict[tuple[str, ...], str] = {}
    for concept, variant in _variants(own["concepts"], json.loads(LEXICON.read_bytes())):
        for spelt in _forms(variant):
            known.setdefault(tuple(tokens(normalise(spelt))), MARK + concept)
    spellings: _Spellings = {}
    for spelling, concept in known.items():
        spellings.setdefault(spelling[0], []).append((spelling, concept))
    for found in spellings.values():
        found.sort(key=lambda entry: (-len(entry[0]), entry))
    single = {spelling[0]: concept for spelling, concept in known.items() if len(spelling) == 1}
    return _Lexicon(
        spellings,
        _only_one((stem(word), concept) for word, concept in single.items() if _ENGLISH.fullmatch(word)),
        _only_one((key, concept) for word, concept in single.items() for key in _heard(word)),
        frozenset(MARK + name for name in own["light"]),
        frozenset(own["stop"]) | word_lists().stop,
        _first_urdu(_variants(json.loads(LEXICON.read_bytes()), own["concepts"])),
    )


def _first_urdu(variants: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for concept, spelt in variants:
        if not spelt.isascii() and not spelt.endswith("-"):
            found.setdefault(MARK + concept, spelt)
    return found


def urdu_of(term: str) -> str:
    """Give a concept's word in Urdu script; empty for a concept without one, or for another term."""
    return _lexicon().urdu.get(term, "")


def _variants(*lexicons: dict[str, list[str]]) -> Iterable[tuple[str, str]]:
    for each in lexicons:
        for concept, spelt in each.items():
            for variant in spelt:
                yield concept, variant


def _forms(spelt: str) -> Iterable[str]:
    """Give the forms of a verb whose root ends in a dash; anything else as it stands."""
    if not spelt.endswith("-"):
        return (spelt,)
    root = spelt[:-1]
    return [root + ending for ending in _FORMS[not root.isascii()]]


def _only_one(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep what stands for one concept alone: a sound that two share tells nothing."""
    found: dict[str, set[str]] = {}
    for form, concept in pairs:
        found.setdefault(form, set()).add(concept)
    return {form: min(concepts) for form, concepts in found.items() if len(concepts) == 1}


@functools.lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Cut the endings of an English word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    if len(word) > 3:
        word = word.removesuffix("e")
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word


@functools.lru_cache(maxsize=100_000)
def sound(word: str) -> str:
    """Give the consonants (three at least, or none) a word is heard with, English ones as Urdu has them."""
    if word.isascii():
        word = stem(word.partition("'")[0])
        for written, heard in _SOFT:
            word = written.sub(heard, word)
    heard = consonants(word) if word else ""
    return heard if len(heard) >= _LEAST_SOUNDS else ""


def _heard(word: str) -> tuple[str, ...]:
    """Keys a known word is met by: its sound, and for Latin letters the letter it begins with beside it."""
    heard = sound(word)
    if not heard:
        return ()
    return (heard, f"{word[0]} {heard}") if word.isascii() else (heard,)


def terms(text: str, language: str = "en") -> list[str]:
    """Read a text (its first 600 characters) as concepts and other words, in order, repetitions and all.

    A short word that no lexicon knows is compared by its letters in English, and by its sound elsewhere.
    """
    return read(text, language)[0]


def read(text: str, language: str = "en") -> tuple[list[str], list[str]]:
    """Read a text as `terms` does, and beside it as the stems of its words, which no lexicon has touched."""
    words = tokens(normalise(without_masks(text[:_READ])))
    found = [term for term in _read(words, heard=language != "en") if term]
    return found, [plain for word in words if (plain := _plain(word))]


def _read(words: Sequence[str], *, heard: bool) -> Iterable[str]:
    lexicon = _lexicon()
    at = 0
    while at < len(words):
        word = words[at]
        for spelling, concept in lexicon.spellings.get(word, ()):
            if len(spelling) == 1 or tuple(words[at : at + len(spelling)]) == spelling:
                yield concept
                at += len(spelling)
                break
        else:
            yield term_of(word, heard=heard)
            at += 1


@functools.lru_cache(maxsize=100_000)
def _plain(word: str) -> str:
    if len(word) < 2 or not word[0].isalpha() or word in _lexicon().stop:
        return ""
    return stem(word)


@functools.lru_cache(maxsize=200_000)
def term_of(word: str, *, heard: bool = False) -> str:
    """Give the concept of a single word by stem or sound, else its own form; empty for what tells nothing."""
    lexicon = _lexicon()
    if len(word) < 2 or not word[0].isalpha() or word in lexicon.stop:
        return ""
    english = bool(_ENGLISH.fullmatch(word))
    known = sound(word)
    # English has many words of three consonants: there the first letter must be the same, too.
    key = f"{word[0]} {known}" if english and len(known) <= _LEAST_SOUNDS else known
    concept = (lexicon.stems.get(stem(word)) if english else None) or lexicon.sounds.get(key)
    if concept:
        return concept
    if english and not heard and len(known) <= _LEAST_SOUNDS:
        return stem(word)
    known = known or consonants(word)
    return HEARD + known if len(known) > 1 else ""


def weight(term: str) -> float:
    """Tell what one meeting of a term counts."""
    return LIGHT if term in _lexicon().light else 1.0
