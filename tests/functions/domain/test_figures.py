from datetime import timedelta

import pytest

from functions.domain import figures, reporting
from functions.domain.errors import InvalidRequest
from schemas.figures import FiguresQuery
from tests.bench.meter import metered
from tests.factories import CENTRAL_OFFICE, DPO, NOON, OTHER_SDPO, SDPO
from tests.registered import enter, row

LATER = NOON + timedelta(days=9)
KEY = ("sd-lhr-civil-lines", "B")
IN_TIME = NOON + timedelta(days=2)


def of(*rows, now=LATER):
    return figures.figures(rows, now)[KEY]


def closed(number=1, **changes):
    return row(number, state="closed", **({"reported_at": IN_TIME, "closed_by": "citizen"} | changes))


def test_counts_are_by_office_and_class():
    found = figures.figures([row(1), row(2, complaint_class="A"), row(3, office="ds-lahore"), row(4)], LATER)

    assert {key: each.received for key, each in found.items()} == {
        KEY: 2,
        ("sd-lhr-civil-lines", "A"): 1,
        ("ds-lahore", "B"): 1,
    }


def test_every_end_has_its_count():
    states = ("closed", "withdrawn", "rejected", "merged", "accepted", "appealed")
    found = of(*(row(n, state=state) for n, state in enumerate(states)))

    assert (found.closed, found.withdrawn, found.rejected, found.merged, found.open) == (1, 1, 1, 1, 2)


@pytest.mark.parametrize(
    ("changes", "in_time"),
    [
        ({}, 1),
        ({"reported_at": NOON.replace(day=5)}, 1),
        ({"reported_at": NOON.replace(day=5, second=1)}, 0),
        ({"reported_at": None}, 0),
        ({"flagged": ("final_report",)}, 0),
        ({"flagged": ("first_contact",)}, 1),
    ],
)
def test_in_time_is_reported_by_the_due_time_and_never_flagged(changes, in_time):
    assert of(closed(**changes)).closed_in_time == in_time


def test_percentiles_are_by_nearest_rank():
    hours = [float(n) for n in range(1, 11)]

    assert (figures.percentile(hours, 50), figures.percentile(hours, 90)) == (5.0, 9.0)
    assert figures.percentile([7.04], 90) == 7.0
    assert figures.percentile([], 50) is None


def test_hours_run_from_lodging_to_the_report():
    found = of(*(row(n, reported_at=NOON + timedelta(hours=n)) for n in range(1, 5)), row(9))

    assert (found.median_hours, found.p90_hours) == (2.0, 4.0)


def test_who_closed_it_and_who_is_content_are_told_apart():
    found = of(
        closed(1, rating=5),
        closed(2, rating=3),
        closed(3, rating=2),
        closed(4),
        closed(5, closed_by="call_back", rating=5),
        closed(6, closed_by="window"),
        closed(7, closed_by="", rating=4),
    )

    assert dict(found.closed_by) == {"citizen": 5, "call_back": 1, "window": 1}
    assert found.satisfied == 3
    assert figures.share(found.satisfied, found.closed) == 0.43
    assert figures.share(0, 0) is None


@pytest.mark.parametrize(
    ("late", "age"),
    [
        (timedelta(0), ""),
        (timedelta(seconds=1), "under_1_day"),
        (timedelta(days=1), "1_to_3_days"),
        (timedelta(days=3), "3_to_7_days"),
        (timedelta(days=7), "over_7_days"),
    ],
)
def test_what_is_overdue_is_told_by_its_age(late, age):
    found = of(row(1, runs_out=LATER - late), row(2, runs_out=None))

    assert dict(found.overdue) == ({age: 1} if age else {})


def test_reopened_appealed_and_escalated_are_counted_once_a_case():
    found = of(row(1, reopened=2, level=2), row(2, appeals=1, level=2), row(3, level=5))

    assert (found.reopened, found.appealed, dict(found.levels)) == (1, 1, {2: 2, 5: 1})


def asked(caller, **given):
    first, last, found = reporting.figures(caller, FiguresQuery.model_validate(given), NOON)
    return first, last, {key: each.received for key, each in found.items()}


@pytest.mark.usefixtures("tables")
class TestOfAJurisdiction:
    def test_the_present_month_is_told_where_nothing_is_said(self):
        enter(row(1), row(2, lodged_at=NOON - timedelta(days=31)))

        assert asked(SDPO) == ("2026-03", "2026-03", {KEY: 1})
        assert asked(SDPO, **{"from": "2026-01", "to": "2026-03"}) == ("2026-01", "2026-03", {KEY: 2})
        assert asked(SDPO, **{"from": "2026-01"}) == ("2026-01", "2026-01", {KEY: 1})

    def test_only_ones_own_counts_and_never_what_is_about_oneself(self):
        enter(row(1), row(2, accused=(SDPO.subject,)), row(3, category="violence_against_women"))
        enter(row(4, district="ds-kasur", office="ds-kasur"))

        assert asked(SDPO)[2] == {KEY: 1}
        assert asked(OTHER_SDPO)[2] == {}
        assert asked(DPO)[2] == {KEY: 2}
        assert asked(CENTRAL_OFFICE)[2] == {KEY: 2, ("ds-kasur", "B"): 1}
        assert asked(CENTRAL_OFFICE, district="ds-kasur")[2] == {("ds-kasur", "B"): 1}

    def test_more_than_twelve_months_are_refused(self):
        with pytest.raises(InvalidRequest):
            asked(SDPO, **{"from": "2025-01", "to": "2026-03"})

    def test_one_query_a_district_and_month(self):
        enter(*(row(n) for n in range(50)))
        with metered() as meter:
            asked(DPO, **{"from": "2026-02", "to": "2026-03"})

        assert dict(meter.trips) == {"Query": 2}
