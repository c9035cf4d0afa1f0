from datetime import UTC, datetime

import pytest

from functions.domain.retention_rules import first_month_kept, retained_until, years_after
from tests.factories import NOON, case


@pytest.mark.parametrize(
    ("day", "years", "after"),
    [
        ("2026-03-02", 5, "2031-03-02"),
        ("2024-02-29", 5, "2029-02-28"),
        ("2024-02-29", 4, "2028-02-29"),
        ("2026-12-31", 1, "2027-12-31"),
    ],
)
def test_years_end_on_the_same_day(day, years, after):
    instant = datetime.fromisoformat(day).replace(hour=7, tzinfo=UTC)

    assert years_after(instant, years) == datetime.fromisoformat(after).replace(hour=7, tzinfo=UTC)


def test_a_closed_case_is_kept_five_years_from_its_closing():
    assert retained_until(case(state="closed", closed_at=NOON)) == NOON.replace(year=2031)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "lodged"},
        {"state": "report_submitted", "closed_at": None},
        {"state": "closed", "closed_at": NOON, "erased_at": NOON},
        {"state": "closed", "closed_at": None},
    ],
)
def test_what_is_open_or_erased_waits_for_no_erasure(changes):
    assert retained_until(case(**changes)) is None


def test_feedback_is_kept_by_whole_months():
    assert first_month_kept(NOON) == "2023-03"
