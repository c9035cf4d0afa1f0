"""Reading citizens' texts: one spelling for one word, the language, and nobody's name or number left."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from feedback_ml import names, plates
from feedback_ml.words import words

Language = Literal["en", "ur", "ur-Latn", "mixed"]

_URDU_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"

# Arabic keyboards write Urdu with Arabic code points; marks and tatweel carry no meaning for a search.
_LETTERS = {
    **{ord(digit): str(value) for value, digit in enumerate(_URDU_DIGITS)},
    **{ord(digit): str(value) for value, digit in enumerate(_ARABIC_DIGITS)},
    **dict.fromkeys(range(0x0610, 0x061B)),
    **dict.fromkeys(range(0x064B, 0x0660)),
    **dict.fromkeys((0x0640, 0x0670, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xFE0F)),
    **dict.fromkeys(range(0x202A, 0x202F)),
    **dict.fromkeys(range(0x2066, 0x206A)),
    **dict.fromkeys(range(0x06D6, 0x06EE)),
    ord("ي"): "ی",
    ord("ى"): "ی",
    ord("ك"): "ک",
    ord("ه"): "ہ",
    ord("ة"): "ہ",
    ord("ۀ"): "ہ",
    ord("ۂ"): "ہ",
    ord("أ"): "ا",
    ord("إ"): "ا",
    ord("ؤ"): "و",
    ord("۔"): ".",
    ord("،"): ",",
    ord("’"): "'",
    ord("‘"): "'",
    0xFFFD: " ",
}
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Give the text in one spelling, lower case; emoji and negations stay. Applying it twice changes nothing.

    Arabic ي and ك become Urdu ی and ک, Urdu and Arabic digits become ASCII, vowel marks and invisible
    marks go, a letter repeated three times or more is kept twice, a lone surrogate becomes a space.
    """
    if text.isascii():
        return _spaced(text.lower())
    text = _whole(text)
    while (again := _once(text)) != text:
        text = again
    return text


def _once(text: str) -> str:
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    return _spaced(composed.translate(_LETTERS))


def _spaced(text: str) -> str:
    return _SPACE.sub(" ", _ELONGATED.sub(r"\1\1", text)).strip()


def _whole(text: str) -> str:
    """Join surrogate pairs and replace what is left of them: half a character cannot be stored or sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


_ARABIC_LETTERS = re.compile(
    r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]"
)
_LATIN_LETTERS = re.compile(r"[a-z]")
_LATIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")

_SHARE_OF_ONE_SCRIPT = 0.8
_ROMAN_ENDINGS = ("aya", "iya", "ein", "oon", "ain", "wala", "wali")


def language(text: str) -> Language:
    """Tell English, Urdu script, Roman Urdu, and a mixture, by script and grammar words.

    A text without letters (empty, emoji, digits) is `en`: pages and sorting need one answer.
    """
    return language_of(normalise(text))


def language_of(normal: str) -> Language:
    """As `language`, of a text that `normalise` has already brought to one spelling."""
    arabic = 0 if normal.isascii() else len(_ARABIC_LETTERS.findall(normal))
    latin = len(_LATIN_LETTERS.findall(normal)) if arabic else 0
    if arabic and arabic >= _SHARE_OF_ONE_SCRIPT * (arabic + latin):
        return "ur"
    if arabic and arabic > (1 - _SHARE_OF_ONE_SCRIPT) * (arabic + latin) / 2:
        return "mixed"
    return _of_latin(_LATIN_WORD.findall(normal))


def _of_latin(found: list[str]) -> Language:
    known = words()
    roman = sum(map(known.roman_urdu.__contains__, found))
    english = sum(map(known.english.__contains__, found))
    if roman == 0 and english == 0:
        return "ur-Latn" if any(word.endswith(_ROMAN_ENDINGS) for word in found) else "en"
    # One look-alike in a text of the other language is more often a slip of the pen than a second language.
    if roman == 0 or (roman == 1 and english >= 3):
        return "en"
    if english == 0 or (english == 1 and roman >= 3) or roman >= 5 * english:
        return "ur-Latn"
    return "mixed"


# Each original character has exactly one in the shadow, so a place found there is the same place in the text.
_SHADOW = {
    **{ord(digit): str(value) for value, digit in enumerate(_URDU_DIGITS)},
    **{ord(digit): str(value) for value, digit in enumerate(_ARABIC_DIGITS)},
    **{0xFF10 + value: str(value) for value in range(10)},
    **dict.fromkeys(
        (0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE63, 0xFF0D, 0x06D4, 0x0640), "-"
    ),
    **dict.fromkeys(
        (0xA0, 0x2007, 0x2009, 0x202F, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF), " "
    ),
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), " "),
    0xFF0B: "+",
    0xFF20: "@",
}
_GAP = r"[\s.\-_/()]{0,3}"
_PERSONAL = re.compile(
    r"(?P<email>(?<![\w.%+\-])[\w.%+\-]{1,64}@(?:[\w\-]{1,63}\.){1,4}[^\W\d_]{2,24})"
    rf"|(?P<cnic>(?<!\d)\d{{5}}{_GAP}\d{{7}}{_GAP}\d(?!\d)|(?<!\d)\d(?:[\s.\-]?\d){{12}}(?!\d))"
    rf"|(?P<phone>(?<!\d)(?:\+|00){_GAP}[1-9](?:{_GAP}\d){{7,14}}(?!\d)"
    rf"|(?<!\d)(?:92|0){_GAP}3{_GAP}\d(?:{_GAP}\d){{8}}(?!\d)"
    rf"|(?<!\d)\(?0\d{{2,3}}\)?{_GAP}\d(?:[\s\-]?\d){{5,7}}(?!\d))"
)


MASKED = re.compile(r"\[(?:name|plate|passport|cnic|phone|email)\]")
# Tatweel stretches a word: between figures it is a dash, inside a name nothing.
_NAME_SHADOW = {place: sign for place, sign in _SHADOW.items() if place != 0x0640}


def without_masks(text: str) -> str:
    """The text without what `mask_personal` put there: nobody wrote the word `name`."""
    return MASKED.sub(" ", text) if "[" in text else text


def mask_personal(text: str) -> str:
    """Replace people's numbers, addresses and names by their kind; masking twice changes nothing more.

    National identity, telephone and passport numbers, vehicle plates, and electronic mail addresses: digits
    may be Latin, Urdu or Arabic, with spaces and dashes between. 13 digits are taken for an identity number
    even when they are something else: the text loses less than a person would. Names are found by the words
    beside them (`feedback_ml.names`).
    """
    numbers = _PERSONAL.finditer(text.translate(_SHADOW))
    text = _masked(text, [(found.start(), found.end(), str(found.lastgroup)) for found in numbers])
    text = _masked(text, plates.spans(text.translate(_SHADOW)))
    shadow = text.translate(_NAME_SHADOW)
    return _masked(text, [(begin, end, "name") for begin, end in names.spans(shadow, _spelt)])


@functools.lru_cache(maxsize=20_000)
def _spelt(word: str) -> str:
    return normalise(word)


def _masked(text: str, places: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for begin, end, kind in places:
        parts += (text[done:begin], f"[{kind}]")
        done = end
    return "".join((*parts, text[done:]))
