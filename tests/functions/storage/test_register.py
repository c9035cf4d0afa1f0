from datetime import timedelta

import pytest

from functions.storage import register as store
from tests.factories import NOON
from tests.registered import area, enter, row

pytestmark = pytest.mark.usefixtures("tables")


def numbers(rows):
    return [each.reference[10:12] for each in rows]


def test_rows_are_read_newest_first_and_a_page_at_a_time(monkeypatch):
    monkeypatch.setattr(store._rows, "__defaults__", (2,))
    made = [row(n, lodged_at=NOON + timedelta(minutes=n)) for n in range(5)]
    enter(*made)

    assert numbers(store.in_area(area(made[0]))) == ["04", "03", "02", "01", "00"]
    assert numbers(store.in_area(area(made[0]), before=made[2].lodged_key)) == ["01", "00"]
    assert numbers(store.whole_area(area(made[0]))) == ["04", "03", "02", "01", "00"]


def test_a_row_is_written_once_and_over_by_a_later_version_alone():
    first, later = row(1), row(1, state="closed", version=3)
    enter(first)

    assert store.create(area(first), first, "") is False
    assert store.advance(area(first), later) is True
    assert store.advance(area(first), row(1, version=2)) is False
    assert [each.state for each in store.in_area(area(first))] == ["closed"]


def test_what_is_complete_is_not_completed_by_nothing():
    enter(row(1))

    assert store.complete(area(row(1)), row(1), "") is False
    assert store.many([]) == {}


def test_a_row_without_a_telephone_moves_as_well():
    there = row(1, district="ds-kasur", version=2)
    enter(row(1))
    store.move(area(row(1)), area(there), there)
    store.move(area(row(1)), area(there), there)

    assert numbers(store.in_area(area(there))) == ["01"]
    assert list(store.in_area(area(row(1)))) == []


def test_of_rows_that_moved_away_a_telephone_names_none():
    enter(row(1), phone="index")
    store.move(area(row(1)), "ds-kasur#2026-03", row(1, district="ds-kasur", version=2))

    assert numbers(store.of_phone("index")) == ["01"]
    assert store.many([(area(row(1)), row(1).lodged_key)]) == {}


def test_a_month_keeps_its_first_file():
    assert store.file_of("2026-03") is store.newest_file() is None
    assert store.put_file("2026-03", b"one")
    assert not store.put_file("2026-03", b"two")
    store.put_file("2026-02", b"older")

    assert (store.file_of("2026-03"), store.newest_file()) == (b"one", ("2026-03", b"one"))
