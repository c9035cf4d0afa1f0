"""The words of a case, the same whichever script they were written in, and their keyed marks.

What the force deals with day by day (theft, چوری, chori) is one concept by `words.json`, which is data; any
other word goes by the consonants it is heard with, so that مزنگ meets Mozang. Only marks are kept: four bytes
of HMAC under a key of the ring, bound to the month they lie in. Nobody without the ring reads or tries words,
and that two marks of different months differ or agree says nothing.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from pathlib import Path

from feedback_ml.concepts import consonants
from feedback_ml.features import tokens
from feedback_ml.text import normalise
from feedback_ml.words import words as feedback_words
from functions.storage.keyring import keyring

WORDS = Path(__file__).parent / "words.json"
MOST_WORDS = 64
"""Kept of a case: 256 bytes, so that its row stays below the kilobyte that a write is paid by."""
MARK_BYTES = 4
CONCEPT, HEARD = "=", "~"
SHORTEST_NUMBER, LONGEST_NUMBER = 3, 8
# Telephones and identity numbers have a way of being found that is on record: they are no words.
_NUMBERED = re.compile(r"\+?\d(?:[\s.\-_/()]{0,2}\d){8,}|\S+@\S+")
_ASPIRATED = "ھ"
# Urdu writes a vowel that begins a word with one of these, and w and y that begin one as consonants.
_BEGINNINGS = {**dict.fromkeys("aeiouاآعأإ", "a"), **dict.fromkeys("wvو", "w"), **dict.fromkeys("yی", "y")}

_Spellings = dict[str, list[tuple[tuple[str, ...], str]]]


@functools.cache
def _listed() -> tuple[frozenset[str], _Spellings]:
    """(words that name nothing, under each first word the spellings that begin with it, longest first)."""
    read = json.loads(WORDS.read_bytes())
    stop = frozenset(read["stop"]) | feedback_words().stop
    found: _Spellings = {}
    for concept, spellings in read["concepts"].items():
        for spelling in spellings:
            parts = tuple(tokens(normalise(spelling)))
            found.setdefault(parts[0], []).append((parts, CONCEPT + concept))
    for known in found.values():
        known.sort(key=lambda entry: (-len(entry[0]), entry))
    return stop, found


@functools.cache
def common() -> frozenset[str]:
    """Concepts that so many complaints have in common that they make no two of them alike."""
    return frozenset(CONCEPT + name for name in json.loads(WORDS.read_bytes())["common"])


def words_of(text: str, most: int | None = None) -> tuple[str, ...]:
    """The distinct words of a text, concepts first, each in the order in which it came; at most `most`."""
    found = list(dict.fromkeys(_read(tokens(_NUMBERED.sub(" ", normalise(text))))))
    found.sort(key=lambda word: not word.startswith(CONCEPT))
    return tuple(found[:most])


def _read(written: list[str]) -> Iterable[str]:
    stop, spellings = _listed()
    at = 0
    while at < len(written):
        word = written[at]
        for parts, concept in spellings.get(word, ()):
            if tuple(written[at : at + len(parts)]) == parts:
                yield concept
                at += len(parts)
                break
        else:
            at += 1
            if word not in stop and (known := _known_by(word)):
                yield known


def _known_by(word: str) -> str:
    """What a word that is no concept is known by; "" for what is too short to tell anything from another."""
    if word.isdecimal():
        return word if SHORTEST_NUMBER <= len(word) <= LONGEST_NUMBER else ""
    if not word[0].isalpha():
        return ""
    heard = heard_as(word)
    return HEARD + heard if len(heard) > 1 else ""


@functools.lru_cache(maxsize=20_000)
def heard_as(word: str) -> str:
    """How a word begins and the consonants it is heard with, alike in both scripts."""
    if word.isascii():
        # Before e, i and y it is an s, and else a k: Urdu writes what is heard.
        spelt = re.sub("c(?!h)", "k", re.sub("c(?=[eiy])", "s", word.replace("'", "")))
    else:
        spelt = word.replace(_ASPIRATED, "")
    return _BEGINNINGS.get(word[0], "") + consonants(spelt) if spelt else ""


def marks(words: Iterable[str], place: str) -> frozenset[bytes]:
    """The marks of words as they are kept at `place`."""
    key = keyring().key_for("case words")
    return frozenset(
        hmac.new(key, f"{place}\x00{word}".encode(), hashlib.sha256).digest()[:MARK_BYTES] for word in words
    )


def packed(marked: frozenset[bytes]) -> bytes:
    """Marks as one binary, sorted: their order tells nothing of that of the words."""
    return b"".join(sorted(marked))


def unpacked(kept: bytes) -> frozenset[bytes]:
    return frozenset(kept[at : at + MARK_BYTES] for at in range(0, len(kept), MARK_BYTES))
