"""Rows as a file that people open in a spreadsheet, in which nothing anybody wrote can act as a formula.

RFC 4180: commas, CRLF, texts in quotes. UTF-8 with the mark that makes Excel read it as such.
Formulas: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

MEDIA_TYPE = "text/csv"
Cell = str | int | float | datetime | None
BYTE_ORDER_MARK = "\ufeff"
FORMULA = frozenset("=+-@\u2212")
"""What begins a formula; the full-width and small forms of these are the same by NFKC."""
QUOTES = frozenset("\"'`\u2018\u2019\u201c\u201d")
UNSEEN = frozenset("ZCM")
"""Spaces, controls and zero-width letters, marks: Unicode categories that a spreadsheet may pass over."""
# Where a spreadsheet set up for another separator, or careless of quotes, would begin a new cell.
CELL_ENDS = re.compile('([,;|"\\t\\n\\v\\f\\r\\x1c-\\x1e\\x85\u2028\u2029])')


def sheet(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The whole file: a line of names, then the rows. Numbers stay numbers; instants are ISO 8601."""
    written = io.StringIO()
    # Every text in quotes: it is told from a number, and keeps the spaces at its ends.
    lines = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    lines.writerow([harmless(name) for name in columns])
    lines.writerows([_cell(value) for value in row] for row in rows)
    return BYTE_ORDER_MARK + written.getvalue()


def harmless(text: str) -> str:
    """The text, with an apostrophe before whatever a spreadsheet would read as a formula."""
    guarded = "".join(f"'{part}" if _is_formula(part) else part for part in CELL_ENDS.split(text))
    begins = text[:1] in {"\t", "\r", "\n"} or _is_formula(CELL_ENDS.sub("", text))
    return f"'{guarded}" if begins and not guarded.startswith("'") else guarded


def _is_formula(text: str) -> bool:
    seen = (letter for letter in text if unicodedata.category(letter)[0] not in UNSEEN)
    first = next((letter for letter in seen if letter not in QUOTES), "")
    return unicodedata.normalize("NFKC", first)[:1] in FORMULA


def _cell(value: Cell) -> str | int | float:
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(value or "")
