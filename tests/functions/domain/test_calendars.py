from datetime import date, datetime, timedelta

import pytest

from functions.domain import calendars
from functions.domain.access import Caller, Role
from functions.domain.deadlines import KARACHI
from functions.domain.holidays import amend
from functions.storage import holidays as store
from functions.storage.tables import StoreFailureError
from schemas.catalogue.reading import policy_in_force
from schemas.holidays import Amend
from tests.factories import NOON
from tests.holidays import holiday_body

pytestmark = pytest.mark.usefixtures("tables")
ADMINISTRATOR = Caller("administrator-1", Role.ADMINISTRATOR)
POLICY = policy_in_force(NOON)
EID = "eid-ul-fitr-2027"
LATER = timedelta(seconds=60)


def amended(holiday=EID, now=NOON, **changes):
    return amend(ADMINISTRATOR, holiday, Amend(**holiday_body(**changes)), now, None)


def elsewhere(monkeypatch, **changes):
    """Another process amends: this one's memory stays as it is."""
    monkeypatch.setattr(calendars, "forget", lambda: None)
    amended(**changes)


def is_open(day, hour=10, now=NOON):
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), KARACHI)
    return calendars.calendar_for(POLICY, now).is_open(at + timedelta(hours=hour))


@pytest.fixture
def reads(monkeypatch):
    """What was read of the store, in order."""
    done = []
    for name in ("revision", "every"):
        whole = getattr(store, name)
        monkeypatch.setattr(store, name, lambda name=name, whole=whole: done.append(name) or whole())
    return done


def test_without_amendments_the_catalogue_holds():
    assert [is_open(f"2027-03-{day}") for day in (10, 11, 12, 15)] == [False, False, False, True]
    assert calendars.revision(NOON) == store.Revision(0, None)


def test_ramadan_has_hours_of_its_own():
    assert (is_open("2027-03-08", 14), is_open("2027-03-08", 16), is_open("2027-03-15", 16)) == (
        True,
        False,
        True,
    )


def test_an_amended_holiday_moves():
    amended()

    assert [is_open(f"2027-03-{day}") for day in (10, 11, 12)] == [True, False, False]


def test_a_holiday_without_days_falls_out():
    amended(days=[])

    assert is_open("2027-03-10")


def test_a_new_holiday_closes_the_offices():
    amended("election-day-2027", days=["2027-02-01"])

    assert not is_open("2027-02-01")


def test_an_amended_ramadan_moves_its_hours():
    amended("ramadan-2027", kind="ramadan", days=["2027-02-09", "2027-03-10"])

    assert (is_open("2027-02-08", 16), is_open("2027-02-09", 16)) == (True, False)


def test_a_ramadan_without_days_falls_out():
    amended("ramadan-2027", kind="ramadan", days=[])

    assert is_open("2027-02-09", 16)


def test_each_amendment_is_another_revision():
    amended()
    amended("ramadan-2027", NOON + LATER, kind="ramadan", days=[])

    assert calendars.revision(NOON) == store.Revision(2, NOON + LATER)


def test_amendments_are_read_once_a_minute(reads):
    for seconds in (0, 30, 59):
        calendars.calendar_for(POLICY, NOON + timedelta(seconds=seconds))
        calendars.revision(NOON + timedelta(seconds=seconds))
    assert reads == ["revision"]

    calendars.revision(NOON + LATER)
    assert reads == ["revision", "revision"]


def test_a_calendar_is_made_once_while_nothing_is_amended():
    calendar = calendars.calendar_for(POLICY, NOON)

    assert calendars.calendar_for(POLICY, NOON + LATER) is calendar


def test_what_another_process_amended_is_seen_after_a_minute(monkeypatch, reads):
    calendars.revision(NOON)
    elsewhere(monkeypatch)

    assert not is_open("2027-03-10", now=NOON + LATER - timedelta(seconds=1))
    assert is_open("2027-03-10", now=NOON + LATER)
    assert reads == ["revision", "revision", "every"]


def test_what_another_process_amended_is_seen_at_once_where_it_is_asked_for(monkeypatch):
    calendars.revision(NOON)
    elsewhere(monkeypatch)

    assert calendars.revision(NOON).number == 0
    assert calendars.revision(NOON, fresh=True).number == 1
    assert is_open("2027-03-10")


def test_a_clock_that_went_back_is_not_believed(reads):
    calendars.revision(NOON)
    calendars.revision(NOON - LATER)

    assert reads == ["revision", "revision"]


@pytest.mark.parametrize("failing", ["revision", "every"])
def test_amendments_that_cannot_be_read_are_never_taken_for_none(monkeypatch, failing):
    def broken():
        raise StoreFailureError

    calendars.calendar_for(POLICY, NOON)
    elsewhere(monkeypatch)
    monkeypatch.setattr(store, failing, broken)

    for _ in range(2):
        with pytest.raises(StoreFailureError):
            calendars.calendar_for(POLICY, NOON + LATER)


def test_every_holiday_is_listed_in_the_order_of_the_year():
    amended("ashura-2027", days=[])
    found = calendars.observed(NOON)
    days = [each.days or calendars.planned(each.id) for each in found]

    assert days == sorted(days)
    assert [each.version for each in found if each.id == "ashura-2027"] == [1]
