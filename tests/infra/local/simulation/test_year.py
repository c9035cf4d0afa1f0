"""A simulated month over memory: the product's own rules, invented people, an order that a seed fixes."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from functions.domain.deadlines import KARACHI
from functions.domain.forecast import FEATURES
from infra.local.simulation import assumptions, memory, outcome, year
from infra.local.simulation.rows import Rows, missed
from infra.local.simulation.world import staff
from schemas.catalogue.reading import offices
from tests.factories import NOON, case
from tests.functions.domain.test_forecast import stepped

SCALE, DAYS = 0.012, 31  # about 130 cases


@pytest.fixture(scope="module")
def month():
    """(What came of it, the cases, the rows, the run)."""
    import os

    from functions.storage import keyring
    from tests import conftest, keys

    # A module's fixture comes before the settings of its tests.
    for name, value in {**conftest.SETTINGS, **keys.SECRETS}.items():
        os.environ.setdefault(name, value)
    keyring.forget()
    rows, store = Rows(), memory.Store()
    with memory.kept_in(store):
        world = memory.Memory(store)
        run, _ = year.simulated(world, 2025, SCALE, 4, rows, DAYS)
        run.run()
    found = world.every_case()
    return outcome.outcome(found), found, rows, run


def test_the_volume_and_the_mix_are_the_published_ones_to_scale():
    drawn = assumptions.arrivals(2025, 0.02, Random(1))
    districts = Counter(a.body.get("district") or "station" for a in drawn)
    assert len(drawn) == 2578
    assert [a.at for a in drawn] == sorted(a.at for a in drawn)
    assert {a.at.astimezone(KARACHI).year for a in drawn} == {2025}
    assert districts["ds-gujranwala"] < districts["ds-lahore"] + districts["station"]


def test_the_same_seed_gives_the_same_complaints_and_another_seed_others():
    one, again, other = (assumptions.arrivals(2025, 0.001, Random(seed)) for seed in (1, 1, 2))
    assert one == again != other


def test_matters_of_service_come_in_once_the_policy_knows_them():
    named = {a.body["category"] for a in assumptions.arrivals(2027, 0.01, Random(1))}
    assert "road_obstruction" in named
    assert "road_obstruction" not in {a.body["category"] for a in assumptions.arrivals(2025, 0.01, Random(1))}


def test_every_office_that_may_answer_has_an_officer():
    held = {actor.office for actor in staff()}
    assert held == set(offices())


def test_a_month_shows_every_way_a_case_goes(month):
    found, cases, _, run = month
    assert sum(one.cases for one in found.classes.values()) == len(cases) > 100
    assert set(found.classes) == {"A", "B", "C"}
    assert all(found.ends[by] for by in ("citizen", "window"))
    assert found.breaches["final_report"] == found.missed > 0
    assert all(found.levels[level] for level in (2, 3, 4))
    assert found.disputed
    assert found.appealed
    assert run.ticks > 100


def test_no_history_goes_back_in_time_and_every_breach_was_put_on_record_at_the_next_tick(month):
    for each in month[1]:
        instants = [entry.at for entry in each.history]
        assert instants == sorted(instants)
        for entry in each.history:
            if entry.action == "flag_overdue":
                late = entry.at - datetime.fromisoformat(dict(entry.facts)["due_at"])
                assert timedelta(0) < late <= timedelta(minutes=5)


def test_rows_say_what_was_seen_and_what_came_of_it(month, tmp_path):
    found, cases, rows, _ = month
    assert rows.write(tmp_path / "rows.jsonl", cases, "here") == len(rows.seen)
    first, *told = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert tuple(first["features"]) == FEATURES
    asked = [row for row in told if row["asked"]]
    assert max(Counter(row["case"] for row in asked).values()) == 2  # the call's reminder, and the report's
    assert 0 < len({row["case"] for row in asked if row["missed"]}) <= found.missed


def test_an_appeal_that_another_followed_is_judged_by_itself():
    known = case()
    for hours, action in ((0, "lodge"), (10, "appeal"), (20, "appeal")):
        known = stepped(known, action, hours)
    from functions.domain.history import with_entry

    known = with_entry(
        known, at=NOON + timedelta(hours=30), actor="clock", role="clock", action="flag_overdue",
        facts=(("clock", "appeal"),),
    )  # fmt: skip
    assert not missed(known, "appeal", NOON + timedelta(hours=10))
    assert missed(known, "appeal", NOON + timedelta(hours=20))


def test_figures_are_printed_and_kept(month):
    found = month[0]
    printed = "\n".join(outcome.lines(found, 0.4))
    assert "Closed by citizen" in printed
    assert "Forecast at 0.40" in printed
    assert set(found.as_json()["classes"]["A"]) >= {"closed_in_time", "median_hours_to_report"}


def test_a_year_without_cases_has_figures_too():
    nothing = outcome.outcome([])
    assert (nothing.precision, nothing.recall) == (0, 0)
    assert next(outcome.lines(nothing, 0.5)).startswith("Cases: 0")


def test_a_run_of_the_schedule_comes_after_what_is_due_never_at_it():
    at = datetime(2025, 1, 1, 0, 5, tzinfo=UTC)
    assert year._tick_after(at) == at + timedelta(minutes=5)
    assert year._tick_after(at - timedelta(seconds=1)) == at
