from datetime import date

import pytest
from pydantic import ValidationError

from schemas.catalogue.holidays import Holiday, holidays

YEARS = range(2023, 2031)
NAMED = {
    "kashmir-day": 1,
    "pakistan-day": 1,
    "labour-day": 1,
    "youm-e-takbeer": 1,
    "independence-day": 1,
    "iqbal-day": 1,
    "quaid-e-azam-day": 1,
    "eid-ul-fitr": 3,
    "eid-ul-azha": 3,
    "ashura": 2,
    "eid-milad-un-nabi": 1,
    "ramadan": 2,
}
ROW = {"id": "a", "kind": "holiday", "name": {"en": "A", "ur": "الف"}, "confidence": "stated", "moon": False}


@pytest.mark.parametrize("year", YEARS)
def test_a_year_has_all_its_holidays(year):
    missing = {name for name in NAMED if f"{name}-{year}" not in holidays()}

    # Youm-e-Takbeer is a holiday since 2024.
    assert missing == ({"youm-e-takbeer"} if year == 2023 else set())


def test_a_holiday_has_its_days_in_the_year_of_its_name():
    for holiday in holidays().values():
        name, year = next((n, y) for n in NAMED for y in YEARS if holiday.id.startswith(f"{n}-{y}"))
        assert holiday.days[0].year == int(year), holiday.id
        assert len(holiday.days) >= NAMED[name], holiday.id


def test_what_follows_the_moon_is_marked_and_no_estimate_passes_for_stated():
    for holiday in holidays().values():
        assert holiday.moon == holiday.id.startswith(("eid-", "ashura-", "ramadan-")), holiday.id
        if holiday.moon and holiday.days[0].year >= 2026:
            assert holiday.confidence == "assumed", holiday.id


@pytest.mark.parametrize("year", YEARS)
def test_eid_ul_fitr_follows_ramadan(year):
    fast, eid = holidays()[f"ramadan-{year}"], holidays()[f"eid-ul-fitr-{year}"]

    # The day before Eid may be a holiday already, while it is not known which day the last of the fast is.
    assert fast.days[1] < eid.days[-1]
    assert (eid.days[0] - fast.days[1]).days in (0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"days": []},
        {"days": [date(2026, 1, 2), date(2026, 1, 1)]},
        {"days": [date(2026, 1, 1), date(2026, 1, 1)]},
        {"kind": "ramadan", "days": [date(2026, 1, 1)]},
        {"kind": "ramadan", "days": [date(2026, 1, 1), date(2026, 1, 31)]},
    ],
)
def test_a_row_that_is_no_holiday_is_refused(changes):
    with pytest.raises(ValidationError):
        Holiday(**ROW | changes)
