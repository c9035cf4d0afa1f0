"""The forecast looks at the case alone, and says nothing once a report is in."""

from datetime import timedelta

import pytest

from functions.domain import complaints, forecast, steps, sweep
from functions.domain.deadlines import Rules
from functions.domain.forecast import FEATURES, Weights
from functions.domain.history import with_entry
from functions.storage import cases
from schemas.cases import Progress
from schemas.catalogue.reading import policy_of_version
from schemas.complaints import NewComplaint
from schemas.steps import Accept
from tests.factories import CITIZEN, NOON, SDPO, case, complaint_body

RULES = Rules(policy_of_version("2023-01"))
HOUR = timedelta(hours=1)
HALF = NOON + 36 * HOUR
ALWAYS = Weights(0.5, {"B": (9.0, (0.0,) * len(FEATURES))}, 0.8, 0.1)
NEVER = Weights(0.5, {"B": (-9.0, (0.0,) * len(FEATURES))}, 0.8, 0.1)
BY_RULE = Weights(0.5, {}, 0.8, 0.1)


def stepped(known, action, hours, role="sdpo", **changes):
    from dataclasses import replace

    return with_entry(replace(known, **changes), at=NOON + hours * HOUR, actor="a", role=role, action=action)


def seen(known, now=HALF):
    return forecast.features(known, RULES, now)


def test_the_shipped_weights_are_for_these_features_and_were_measured():
    import json

    told = json.loads(forecast.WEIGHTS.read_text())
    assert tuple(told["features"]) == FEATURES
    assert 0.2 <= forecast.weights().threshold <= 0.8
    assert set(told["classes"]) >= {"A", "B", "C"}
    assert all(
        0 < row["precision"] <= 1 and 0 < row["recall"] <= 1 for row in told["measured"]["by_class"].values()
    )


def test_weights_for_other_features_are_refused():
    with pytest.raises(ValueError, match="train them again"):
        forecast.read_weights({"features": ["gone"]})


def test_a_class_with_too_few_cases_has_no_model():
    row = {"cases": 199, "bias": 0, "weights": [0] * len(FEATURES)}
    told = {
        "features": list(FEATURES),
        "threshold": 0.5,
        "fewest_cases": 200,
        "rule": {"holds": 1, "fails": 0},
    }
    assert not forecast.read_weights(told | {"classes": {"B": row}}).classes
    assert forecast.read_weights(told | {"classes": {"B": row | {"cases": 200}}}).classes


@pytest.mark.parametrize(
    ("hours", "state", "expected"), [(35, "lodged", 0.1), (36, "lodged", 0.8), (40, "accepted", 0.1)]
)
def test_without_a_model_the_rule_is_not_accepted_at_half_of_the_time(monkeypatch, hours, state, expected):
    monkeypatch.setattr(forecast, "weights", lambda: BY_RULE)
    assert forecast.probability(case(state=state), RULES, NOON + hours * HOUR) == expected


def test_it_warns_from_the_threshold_on_and_says_nothing_below(monkeypatch):
    monkeypatch.setattr(forecast, "weights", lambda: ALWAYS)
    assert forecast.likely(case(), RULES, HALF) == pytest.approx(1, abs=1e-3)
    monkeypatch.setattr(forecast, "weights", lambda: NEVER)
    assert forecast.likely(case(), RULES, HALF) is None


@pytest.mark.parametrize("over", [{"state": "closed"}, {"state": "report_submitted", "reported_at": HALF}])
def test_a_case_that_owes_no_report_is_not_warned_of(monkeypatch, over):
    monkeypatch.setattr(forecast, "weights", lambda: Weights(0.0, ALWAYS.classes, 1, 1))
    assert forecast.probability(case(**over), RULES, HALF) == 0
    assert forecast.likely(case(**over), RULES, HALF) is None


def test_what_is_late_is_late():
    assert forecast.probability(case(), RULES, NOON + 73 * HOUR) == 1


def test_time_that_the_clock_stood_is_not_gone():
    standing = case(state="information_awaited", progress=Progress(paused_at=NOON + 18 * HOUR, pauses=1))
    assert (seen(standing)["gone"], seen(standing)["stands"], seen(standing)["pauses"]) == (0.25, 1, 1)
    assert seen(case())["gone"] == 0.5


def test_it_sees_what_the_office_did_and_when():
    known = stepped(case(), "lodge", 0, "citizen")
    known = stepped(known, "accept", 18, state="accepted")
    known = stepped(known, "attempt", 20)
    known = stepped(known, "remind", 30, "clock")
    row = seen(known)
    assert (row["not_accepted"], row["not_begun"], row["not_contacted"], row["contact_missed"]) == (
        0,
        1,
        1,
        1,
    )
    assert row["accepted_after"] == pytest.approx(0.25)
    assert row["idle"] == pytest.approx(16 / 72)
    assert row["calls_failed"] == pytest.approx(0.693, abs=1e-3)


def test_a_call_in_time_was_not_missed_and_a_late_one_was():
    assert seen(case(first_contacted_at=NOON + HOUR))["contact_missed"] == 0
    assert seen(case(first_contacted_at=NOON + 9 * HOUR))["contact_missed"] == 1
    assert seen(case(flagged=(("first_contact", NOON),), first_contacted_at=NOON))["contact_missed"] == 1


def test_an_appeal_counts_from_its_own_start():
    appealed = NOON + 100 * HOUR
    known = case(
        state="appealed",
        appeal_due=appealed + 120 * HOUR,
        reported_at=NOON + HOUR,
        progress=Progress(appealed_at=appealed, appeals=1, level=2),
    )
    row = seen(known, appealed + 30 * HOUR)
    assert (row["gone"], row["level"]) == (0.25, 0.4)
    assert row["appeals"] > 0


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, {"lodged_in_office_hours"}),  # Monday noon
        (11, {"lodged_at_night"}),
        (4 * 24, {"lodged_on_friday", "lodged_in_office_hours"}),
        (5 * 24, {"lodged_at_weekend"}),
    ],
)
def test_when_it_was_lodged_is_told_by_the_citizens_clock(hours, expected):
    row = seen(case(lodged_at=NOON + hours * HOUR), NOON + hours * HOUR)
    assert {name for name in row if name.startswith("lodged") and row[name]} == expected


@pytest.mark.usefixtures("tables")
def test_the_sweep_warns_once_at_a_reminder_and_puts_it_on_record(monkeypatch):
    monkeypatch.setattr(forecast, "weights", lambda: ALWAYS)
    reference = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON).reference
    steps.take(SDPO, reference, Accept(action="accept"), NOON + HOUR, None)
    for hours in (5, 37, 38):
        sweep.flag_overdue(NOON + hours * HOUR, forecast=forecast.likely)

    warned = [entry for entry in cases.get(reference).history if entry.action == "forecast"]
    assert [dict(entry.facts)["probability"] for entry in warned] == ["1.00"]
    assert cases.get(reference).progress.at_risk
