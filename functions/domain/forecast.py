"""Which open cases are likely to miss their report: a logistic model on a case's own history and progress.

Pure, and the standard library alone: the weights are plain JSON, trained by `python -m feedback_ml breaches`.
It looks at nothing but the case: not at who the citizen is, what was written, or which office has it.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from functions.domain import deadlines
from functions.domain.deadlines import HOUR, KARACHI, Rules
from functions.domain.lifecycle import CLOCK, WAITING
from schemas.cases import Case

WEIGHTS = Path(__file__).with_name("forecast_weights.json")
OFFICE_DAY = (9, 17)
"""Hours in which somebody is surely at the desk, in Asia/Karachi: it tells a night's case from a day's."""
NIGHT_ENDS, NIGHT_BEGINS = 7, 21
FRIDAY, SATURDAY = 4, 5
NOT_OFFICE = frozenset({CLOCK, "citizen"})
LATE_RULE = 0.5
"""Where no model was trained, a case that nobody accepted by this share of its time is held likely late."""
FEATURES = (
    "gone",
    "gone_squared",
    "not_accepted",
    "not_accepted_gone",
    "not_contacted",
    "contact_missed",
    "calls_failed",
    "not_begun",
    "not_begun_gone",
    "pauses",
    "stands",
    "transfers",
    "accepted_after",
    "idle",
    "lodged_at_night",
    "lodged_in_office_hours",
    "lodged_on_friday",
    "lodged_at_weekend",
    "reopened",
    "appeals",
    "level",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model of each class that was trained on enough cases; the others go by the plain rule."""

    threshold: float
    classes: dict[str, tuple[float, tuple[float, ...]]]
    rule_holds: float
    rule_fails: float


@cache
def weights() -> Weights:
    """The weights beside this file. ValueError when they were trained for other features."""
    return read_weights(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def read_weights(told: dict[str, Any]) -> Weights:
    if tuple(told["features"]) != FEATURES:
        raise ValueError("the weights are for other features: train them again")
    enough = {
        name: (float(row["bias"]), tuple(map(float, row["weights"])))
        for name, row in told["classes"].items()
        if row["cases"] >= told["fewest_cases"]
    }
    rule = told["rule"]
    return Weights(float(told["threshold"]), enough, float(rule["holds"]), float(rule["fails"]))


def likely(case: Case, rules: Rules, now: datetime) -> float | None:
    """The probability that the report comes too late, where it is high enough to warn of; otherwise None."""
    p = probability(case, rules, now)
    return p if p >= weights().threshold and is_running(case) else None


def probability(case: Case, rules: Rules, now: datetime) -> float:
    """How likely the report, or an appeal's, is to be late; 0 where it was handed in, 1 once it is late."""
    if not is_running(case):
        return 0.0
    if gone(case, rules, now) > 1:
        return 1.0
    return score(case.complaint_class, features(case, rules, now), weights())


def score(complaint_class: str, row: dict[str, float], known: Weights) -> float:
    model = known.classes.get(complaint_class)
    if model is None:
        holds = row["not_accepted"] and row["gone"] >= LATE_RULE
        return known.rule_holds if holds else known.rule_fails
    bias, each = model
    total = bias + sum(weight * row[name] for name, weight in zip(FEATURES, each, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


def is_running(case: Case) -> bool:
    """Whether a report is still owed."""
    return case.is_open and case.met_at(deadlines.report_clock(case)) is None


def gone(case: Case, rules: Rules, now: datetime) -> float:
    """The share of the report's time that is over, what it stood left out; above 1 once it is late."""
    clock = deadlines.report_clock(case)
    allowed = rules.allowed(clock, case.complaint_class)
    due = deadlines.due(case, clock)
    at = case.progress.paused_at or now
    time = rules.time(clock, case.complaint_class)
    left = time.measure(at, due) if at <= due else -time.measure(due, at)
    return 1 - left / allowed


def features(case: Case, rules: Rules, now: datetime) -> dict[str, float]:
    """What the model sees of a case, by the names of FEATURES. Hours and counts are scaled to about 1."""
    clock = deadlines.report_clock(case)
    start = deadlines.start_of(case, clock)
    share = gone(case, rules, now)
    steps = [entry for entry in case.history if entry.at >= start]
    accepted = next((entry.at for entry in steps if entry.action == "accept"), None)
    waits = float(case.state in WAITING)
    not_begun = float(case.state in WAITING or case.state in ("accepted", "contacted"))
    worked = max((entry.at for entry in steps if entry.role not in NOT_OFFICE), default=start)
    allowed = rules.allowed(clock, case.complaint_class)
    missed = case.flagged_at("first_contact") is not None or _is_late_to_call(case, now)
    return {
        "gone": share,
        "gone_squared": share * share,
        "not_accepted": waits,
        "not_accepted_gone": waits * share,
        "not_contacted": float(case.first_contacted_at is None),
        "contact_missed": float(missed),
        "calls_failed": _some(sum(entry.action == "attempt" for entry in steps)),
        "not_begun": not_begun,
        "not_begun_gone": not_begun * share,
        "pauses": float(case.progress.pauses),
        "stands": float(case.progress.paused_at is not None),
        "transfers": _some(sum(entry.action == "transfer" for entry in steps)),
        "accepted_after": _share_of(allowed, (accepted or now) - start),
        "idle": _share_of(allowed, now - worked),
        **_lodged(case.lodged_at),
        "reopened": _some(case.progress.reopened),
        "appeals": _some(case.progress.appeals),
        "level": case.progress.level / 5,
    }


def _is_late_to_call(case: Case, now: datetime) -> bool:
    return (case.first_contacted_at or now) > case.first_contact_due


def _share_of(allowed: int, span: timedelta) -> float:
    return min(span.total_seconds() / allowed, 1.0)


def _some(count: int) -> float:
    """A count whose second matters less than its first."""
    return math.log1p(count)


def _lodged(at: datetime) -> dict[str, float]:
    local = at.astimezone(KARACHI)
    hour = local.hour + local.minute * 60 / HOUR
    weekend = local.weekday() >= SATURDAY
    return {
        "lodged_at_night": float(not NIGHT_ENDS <= hour < NIGHT_BEGINS),
        "lodged_in_office_hours": float(OFFICE_DAY[0] <= hour < OFFICE_DAY[1] and not weekend),
        "lodged_on_friday": float(local.weekday() == FRIDAY),
        "lodged_at_weekend": float(weekend),
    }
