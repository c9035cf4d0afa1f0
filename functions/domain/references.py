"""Case references that survive a telephone line: KH-7F3K-9QWM-C.

The alphabet leaves out 0/O, 1/I and L. It has 31 characters, a prime, so a weighted sum modulo 31 as check
character finds every single wrong character and every exchange of two (Verhoeff, Error Detecting Decimal
Codes, 1969, on prime moduli).
"""

from __future__ import annotations

import hashlib

from functions.domain.errors import InvalidReference

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LETTERS = 8
PREFIX = "KH"


def reference_for(seed: str, attempt: int = 0) -> str:
    """The reference that belongs to `seed`; another one for each attempt (31**8 = 8.5e11 of them).

    The same seed always walks the same row of references, so a repeated request meets its own case.
    """
    number = int.from_bytes(hashlib.sha256(f"{seed}\x00{attempt}".encode()).digest()[:16], "big")
    letters = []
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return spelled("".join(letters))


def spelled(letters: str) -> str:
    return f"{PREFIX}-{letters[:4]}-{letters[4:]}-{check_character(letters)}"


def check_character(letters: str) -> str:
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(letters, start=2))
    return ALPHABET[total % len(ALPHABET)]


def parse_reference(text: str) -> str:
    """The canonical spelling of what a person typed: case, blanks and dashes do not matter.

    InvalidReference when it cannot be one.
    """
    packed = "".join(c for c in text.upper() if c not in " -‐‑–").removeprefix(PREFIX)
    if len(packed) != LETTERS + 1 or any(c not in ALPHABET for c in packed):
        raise InvalidReference(text)
    if check_character(packed[:-1]) != packed[-1]:
        raise InvalidReference(text)
    return spelled(packed[:-1])
