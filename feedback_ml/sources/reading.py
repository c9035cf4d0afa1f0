"""Reads a file of feedback whatever it is called: the format is told by what is in it.

A row that cannot be read is given as `Refused` with file, line and reason; the rows after it are read
all the same.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
from typing import TYPE_CHECKING, Any

from feedback_ml.sources import app_store, centre, plain, play
from feedback_ml.sources.rows import Accepted, Defaults, Refused, UnfitRowError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from schemas.feedback import Feedback

_SAMPLE = 4096
_DATA = re.compile(r'"data"\s*:\s*\[')
_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def app_name(path: Path) -> str:
    """Give the name of the app that a file without one is about: the file's own, in lawful letters."""
    return _FILE_NAME.sub("-", path.stem).strip("-")[:200] or "app"


def read(path: Path, defaults: Defaults) -> Iterator[Feedback | Refused]:
    """Give the file's feedback and its refused rows, in file order; OSError when it cannot be opened."""
    for row in rows(path, defaults):
        yield row.feedback if isinstance(row, Accepted) else row


def rows(path: Path, defaults: Defaults) -> Iterator[Accepted | Refused]:
    """As `read`, each record with the line it starts on."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as text:
        start = text.read(_SAMPLE).lstrip("\ufeff \t\r\n")
        text.seek(0)
        if start[:1] in {"{", "["}:
            yield from _json(path, text, defaults)
        else:
            yield from _csv(path, text, defaults)


def latest(found: Iterable[Accepted]) -> list[Accepted]:
    """Keep one record for each text: the last revision, of equals the last read. Order stays."""
    kept: dict[str, Accepted] = {}
    for row in found:
        own = row.feedback
        before = kept.get(own.feedback_id)
        if before is None or _changed(own) >= _changed(before.feedback):
            kept[own.feedback_id] = row
    return list(kept.values())


def _changed(feedback: Feedback) -> Any:
    return feedback.revised_at or feedback.written_at


def _encoding(path: Path) -> str:
    with path.open("rb") as raw:
        start = raw.read(_SAMPLE)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark, UTF-16 of mostly Latin letters has a zero in every other byte.
    if len(start) >= 4 and start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if len(start) >= 4 and start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return "utf-8-sig"


def _made(path: Path, line: int, make: Callable[[], Feedback]) -> Accepted | Refused:
    try:
        return Accepted(path.name, line, make())
    except UnfitRowError as error:
        return Refused(path.name, line, str(error))


def _csv(path: Path, text: Iterable[str], defaults: Defaults) -> Iterator[Accepted | Refused]:
    reader = csv.reader(text)
    header: list[str] | None = None
    make: Callable[[dict[str, str]], Feedback] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Refused(path.name, line, f"not a CSV row ({error}): check the quotation marks of this row")
            continue
        except UnicodeError:
            yield Refused(path.name, line, "broken UTF-16 from here on: export or copy the file again")
            return
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = [cell.lstrip("\ufeff").strip() for cell in cells]
            continue
        make = make or _maker(header, defaults)
        yield _of_cells(path, line, header, cells, make)


def _maker(header: list[str], defaults: Defaults) -> Callable[[dict[str, str]], Feedback]:
    """What makes a record of a row, by the columns that the file has."""
    if play.is_play(header):
        return play.feedback
    if centre.is_centre(header):
        return centre.CentreFile(defaults.app, header).feedback
    return lambda row: plain.feedback(row, defaults)


def _of_cells(
    path: Path, line: int, header: list[str], cells: list[str], make: Callable[[dict[str, str]], Feedback]
) -> Accepted | Refused:
    if len(cells) != len(header):
        counts = f"{len(cells)} columns where the header has {len(header)}"
        reason = f"{counts}: check the commas and quotation marks of this row"
        return Refused(path.name, line, reason)
    row = dict(zip(header, cells, strict=True))
    return _made(path, line, lambda: make(row))


def _json(path: Path, text: Any, defaults: Defaults) -> Iterator[Accepted | Refused]:
    first = ""
    for first in text:
        if first.strip("\ufeff \t\r\n"):
            break
    try:
        value = json.loads(first.lstrip("\ufeff"))
        lines = not isinstance(value, list) and not (
            isinstance(value, dict) and isinstance(value.get("data"), list)
        )
    except ValueError:
        lines = first.lstrip("\ufeff \t").startswith("{") and len(first.strip()) > 2
    text.seek(0)
    if lines:
        yield from _json_lines(path, text, defaults)
    else:
        yield from _json_document(path, text.read(), defaults)


def _json_lines(path: Path, text: Iterable[str], defaults: Defaults) -> Iterator[Accepted | Refused]:
    for line, written in enumerate(text, start=1):
        if not written.strip("\ufeff \t\r\n"):
            continue
        try:
            value = json.loads(written.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            yield Refused(
                path.name, line, "not JSON: each line must be one whole object; correct or remove it"
            )
            continue
        yield from _of_value(path, line, value, defaults)


def _json_document(path: Path, text: str, defaults: Defaults) -> Iterator[Accepted | Refused]:
    """Walk the array of rows (the document itself, or its `data`), so that a fault costs one row's line."""
    found = None if text.lstrip("\ufeff \t\r\n").startswith("[") else _DATA.search(text)
    at = found.end() if found else text.find("[") + 1
    if at == 0:
        yield Refused(
            path.name, 1, "JSON without rows: a list, an object with 'data', or one object per line is read"
        )
        return
    decoder = json.JSONDecoder()
    line, counted = 1, 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", counted, at)
        counted = at
        if at >= len(text) or text[at] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield Refused(
                path.name, line, "not JSON from here on: the file is cut short or damaged; fetch it again"
            )
            return
        yield from _of_value(path, line, value, defaults)


def _of_value(path: Path, line: int, value: Any, defaults: Defaults) -> Iterator[Accepted | Refused]:
    if app_store.is_review(value):
        yield _made(path, line, lambda: app_store.feedback(value, defaults))
    elif isinstance(value, dict) and isinstance(value.get("data"), list):
        for review in value["data"]:
            yield from _of_value(path, line, review, defaults)
    elif isinstance(value, dict):
        yield _made(path, line, lambda: plain.feedback(value, defaults))
    else:
        yield Refused(path.name, line, "not an object: each row must be one JSON object with a text")
