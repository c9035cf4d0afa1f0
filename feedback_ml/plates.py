"""Finds vehicle plates (LEA-1234, LHR 09 1234, ABC-123) and passport numbers (AB1234567) in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from feedback_ml.names import lists

Found = tuple[int, int, Literal["plate", "passport"]]

_PASSPORT = (
    r"(?P<passport>(?<![^\W_])[A-Za-z]{2}[ \-]{0,3}"
    r"(?:\d{7}(?!\d)|\d(?:[ \-]{1,2}\d|\d){6}(?![ \-]?\d))(?![^\W_]))"
)
_PLATE = (
    r"(?P<plate>(?<![^\W_])(?<![^\W_][\-./])(?P<letters>[A-Za-z]{2,3})"
    r"(?P<gap>[ \-]{0,3})(?P<digits>(?:\d{2}[ \-]{1,3})?\d{1,4})(?![^\W_]|[\-./][^\W_]))"
)
_EITHER = re.compile(f"{_PASSPORT}|{_PLATE}")
_BEFORE = 40
"""Characters in which a text says what the number after them is."""
_PASSPORT_SAID = re.compile(r"passport|پاسپورٹ", re.IGNORECASE)
_VEHICLE_SAID = re.compile(
    r"\b(?:plate|car|gaa?d?r?i|bike|motor ?cycle|vehicle|rickshaw|registration)\b|گاڑی|موٹر|پلیٹ|رکشہ",
    re.IGNORECASE,
)
# Series that are no word of any of the three languages, so that they need no capitals.
_SERIES = re.compile(r"l[e-hoprsw-z][a-z]|lhr|isb|rwp|rip|fsd|grw|gjw|mln|skt|bwp|sgd|khi|aj[kr]")
_YEAR = re.compile(r"(?:19|20)\d\d")


def spans(text: str) -> Iterator[Found]:
    """Give begin, end and kind of each, in order. Digits are ASCII, dashes hyphens and spaces blanks."""
    for found in _EITHER.finditer(text):
        if found["passport"] and _is_passport(found, text):
            yield found.start(), found.end(), "passport"
        if found["plate"] and _is_plate(found, text):
            yield found.start(), found.end(), "plate"


def _is_passport(found: re.Match[str], text: str) -> bool:
    letters = found["passport"][:2]
    if letters.isupper():
        return letters.lower() not in lists().no_plates
    return bool(_PASSPORT_SAID.search(_in_front(found, text)))


def _is_plate(found: re.Match[str], text: str) -> bool:
    letters, gap, digits = found["letters"], found["gap"], found["digits"]
    small = letters.lower()
    known = lists()
    if letters == "LE" and "-" in gap and not _too_short(digits):
        return True  # a series, though `le` is a word of Roman Urdu
    if small in known.no_plates or small in known.ordinary or _too_short(digits):
        return False
    if _VEHICLE_SAID.search(_in_front(found, text)):
        return True
    if _SERIES.fullmatch(small):
        return letters.isupper() or not _YEAR.fullmatch(digits)
    # "PSL 2023" is a season, and "Rs 500" a price.
    if not letters.isupper() or _YEAR.fullmatch(digits) or not gap:
        return False
    return "-" in gap or len(letters) == 3


def _too_short(digits: str) -> bool:
    """A plate has three or four figures, or a year of two and then any."""
    return digits.isdecimal() and len(digits) < 3


def _in_front(found: re.Match[str], text: str) -> str:
    return text[max(0, found.start() - _BEFORE) : found.start()]
