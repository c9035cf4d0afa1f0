"""The public file of a month: counts by district and class, of which none tells of a handful of people.

A count of 1 to 4 is withheld, and whatever would give it away by difference: where any class of a district
has such a count, all its classes are withheld and its total alone is told, itself without such counts.
A month has one edition, made once it is over and never amended: two editions of one file would give away by
difference what each withholds.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain import register
from functions.domain.errors import NotFound
from functions.domain.figures import Figures, share
from functions.domain.search import earlier, first_after
from functions.storage import register as store
from functions.storage.register import Row
from schemas.catalogue.reading import complaint_policies, offices

COLUMNS = (
    "month",
    "district",
    "class",
    "received",
    "closed_in_time",
    "closed",
    "median_hours",
    "reopened",
    "appealed",
    "confirmed_share",
    "overdue",
)
TOTAL = "all"
WITHHELD = ""
FEWEST = 5
MOST_BYTES = 300_000
MONTHS_BACK = 12
Cell = str | int | float
Split = Mapping[str, Figures]
"""Figures of a district by class."""


class FileTooLargeError(Exception):
    """The file of a month has grown beyond what an item takes."""


def is_small(count: int) -> bool:
    return 0 < count < FEWEST


def counts(of: Figures) -> dict[str, int]:
    """Everything of the figures that is a count of people's complaints, told or behind what is told."""
    return {
        "received": of.received,
        "closed_in_time": of.closed_in_time,
        "closed": of.closed,
        "reported": len(of.hours),
        "reopened": of.reopened,
        "appealed": of.appealed,
        "confirmed": of.closed_by["citizen"],
        "overdue": sum(of.overdue.values()),
    }


def lines(month: str, by_district: Mapping[str, Split], classes: Iterable[str]) -> list[list[Cell]]:
    """The rows of the file: for every district one a class, and one for all of them; always as many."""
    named = sorted(classes)
    found = []
    for district, split in sorted(by_district.items()):
        each = {name: split.get(name, Figures()) for name in named}
        is_whole = not any(is_small(n) for of in each.values() for n in counts(of).values())
        found += [[month, district, name, *_cells(of, is_told=is_whole)] for name, of in each.items()]
        found.append([month, district, TOTAL, *_cells(total(each.values()), is_told=True)])
    return found


def total(of_classes: Iterable[Figures]) -> Figures:
    found = Figures()
    for of in of_classes:
        for name in ("received", "closed", "closed_in_time", "reopened", "appealed"):
            setattr(found, name, getattr(found, name) + getattr(of, name))
        found.closed_by += of.closed_by
        found.overdue += of.overdue
        found.hours += of.hours
    return found


def _cells(of: Figures, *, is_told: bool) -> list[Cell]:
    """A row's cells. Of a share and a median the counts behind them must be tellable too."""
    known = counts(of)
    told = {name: WITHHELD if is_small(n) or not is_told else n for name, n in known.items()}
    median = of.median_hours if told["reported"] else None
    shared = share(known["confirmed"], known["closed"])
    # A share that is rounded still tells the count, and so does its rest.
    may_share = bool(told["closed"]) and told["confirmed"] != WITHHELD
    is_rest_small = is_small(known["closed"] - known["confirmed"])
    confirmed = WITHHELD if shared is None or not may_share or is_rest_small else shared
    return [
        told["received"],
        told["closed_in_time"],
        told["closed"],
        WITHHELD if median is None else median,
        told["reopened"],
        told["appealed"],
        confirmed,
        told["overdue"],
    ]


def written(rows: Iterable[list[Cell]]) -> str:
    text = io.StringIO()
    lines_of = csv.writer(text, lineterminator="\n")
    lines_of.writerow(COLUMNS)
    lines_of.writerows(rows)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class Published:
    """Months that got their file in this run, and whether it got to the end."""

    months: tuple[str, ...]
    finished: bool


def publish(now: datetime, has_time: Callable[[], bool] = lambda: True) -> Published:
    """Makes the file of each of the last months that is over and has none; the next run goes on from it.

    A month without a complaint gets none: what is entered later would never be told.
    """
    this, made = register.month_of(now), list[str]()
    for back in range(1, MONTHS_BACK + 1):
        month = earlier(this, back)
        if store.file_of(month) is not None:
            continue
        if not has_time():
            return Published(tuple(made), finished=False)
        file = _file(month)
        if file is not None and store.put_file(month, file):
            made.append(month)
    return Published(tuple(made), finished=True)


def _file(month: str) -> bytes | None:
    districts = [office.id for office in offices().values() if office.rank == "district"]
    as_of = first_after(month)
    by_district = {each: _by_class(store.whole_area(store.area_of(each, month)), as_of) for each in districts}
    if not any(by_district.values()):
        return None
    classes = {name for policy in complaint_policies() for name in policy.classes}
    text = written(lines(month, by_district, classes))
    # No time of making inside: the same figures make the same file.
    file = gzip.compress(text.encode(), mtime=0)
    if len(file) > MOST_BYTES:
        raise FileTooLargeError(month)
    return file


def _by_class(rows: Iterable[Row], as_of: datetime) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for row in rows:
        found.setdefault(row.complaint_class, Figures()).add(row, as_of)
    return found


def read(month: str | None) -> tuple[str, str]:
    """(Month, text of its file); the last one published where none is named. NotFound where there is none."""
    if month is None:
        newest = store.newest_file()
        if newest is None:
            raise NotFound
        month, file = newest
    else:
        kept = store.file_of(month)
        if kept is None:
            raise NotFound
        file = kept
    return month, gzip.decompress(file).decode()
