"""Rows of the register to test with, and records of the stream that make them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from functions.domain import register, words
from functions.storage import cases
from functions.storage import register as store
from functions.storage.register import Row
from tests.factories import NOON

Image = dict[str, dict[str, Any]]


def row(number: int = 1, text: str = "", **changes: Any) -> Row:
    """A class B complaint at the sub-division, lodged at noon; with the words of `text`."""
    made = Row(
        reference=f"KH-2345-67{number:02}-A",
        district="ds-lahore",
        lodged_at=NOON,
        state="accepted",
        category="fir_not_registered",
        complaint_class="B",
        office="sd-lhr-civil-lines",
        station="ps-lhr-mozang",
        first_contact_due=NOON.replace(hour=15),
        final_report_due=NOON.replace(day=5),
        version=1,
    )
    made = replace(made, **changes)
    marked = words.marks(words.words_of(text, words.MOST_WORDS), register.month_of(made.lodged_at))
    return replace(made, words=words.packed(marked))


def area(of: Row) -> str:
    return store.area_of(of.district, register.month_of(of.lodged_at))


def enter(*rows: Row, phone: str = "") -> None:
    for each in rows:
        assert store.create(area(each), each, phone)
        if phone:
            store.note_phone(phone, area(each), each)


def image(tables: Any, reference: str) -> Image:
    return tables.get_item(TableName="khidmat-test-cases", Key={"reference": {"S": reference}})["Item"]


def stored(tables: Any) -> list[Image]:
    return tables.scan(TableName="khidmat-test-register")["Items"]


def lodged(tables: Any, case: Any) -> Image:
    """Writes the case as it is given; its image."""
    cases.create(case, cases.Indexed())
    return image(tables, case.reference)


def changed(tables: Any, reference: str, **changes: Any) -> tuple[Image, Image]:
    """The images before and after a change of the case, one version on."""
    before, case = image(tables, reference), cases.get(reference)
    cases.save(replace(case, **({"version": case.version + 1} | changes)), cases.Indexed())
    return before, image(tables, reference)
