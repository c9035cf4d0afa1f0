"""The life of a topic as data: (from, to) -> who may take that step. Pure; what is not here is refused."""

from __future__ import annotations

from typing import Literal

from functions.domain.errors import TransitionNotAllowed
from schemas.feedback import Status, Verdict

Actor = Literal["owner", "release", "measurement", "citizens"]
OWNER: frozenset[Actor] = frozenset({"owner"})
RELEASE: frozenset[Actor] = frozenset({"release"})
MEASUREMENT: frozenset[Actor] = frozenset({"measurement"})
REOPENED: frozenset[Actor] = frozenset({"owner", "measurement", "citizens"})
TRANSITIONS: dict[tuple[Status, Status], frozenset[Actor]] = {
    ("new", "accepted"): OWNER,
    ("new", "planned"): OWNER,
    ("new", "in_release"): OWNER,
    ("new", "declined"): OWNER,
    ("new", "not_a_topic"): OWNER,
    ("accepted", "new"): OWNER,
    ("accepted", "planned"): OWNER,
    ("accepted", "in_release"): OWNER,
    ("accepted", "declined"): OWNER,
    ("accepted", "not_a_topic"): OWNER,
    ("planned", "accepted"): OWNER,
    ("planned", "in_release"): OWNER,
    ("planned", "declined"): OWNER,
    ("planned", "not_a_topic"): OWNER,
    ("in_release", "accepted"): OWNER,
    ("in_release", "planned"): OWNER,
    ("in_release", "declined"): OWNER,
    ("in_release", "shipped"): RELEASE,
    ("shipped", "measured"): MEASUREMENT,
    ("shipped", "regressed"): REOPENED,
    ("measured", "regressed"): REOPENED,
    ("regressed", "accepted"): OWNER,
    ("regressed", "planned"): OWNER,
    ("regressed", "in_release"): OWNER,
    ("regressed", "declined"): OWNER,
    ("declined", "new"): OWNER,
    ("declined", "accepted"): OWNER,
    ("declined", "planned"): OWNER,
    ("not_a_topic", "new"): OWNER,
    ("not_a_topic", "accepted"): OWNER,
}
OUT: frozenset[Status] = frozenset({"shipped", "measured"})
"""What the public was given: a later measurement, or those who were told, may say that it does not hold."""
WITH_RELEASE: frozenset[Status] = frozenset({"in_release", "shipped", "measured", "regressed"})
"""Statuses that say something of a release; in the others a topic is in none."""


def require(present: Status, wanted: Status, actor: Actor = "owner") -> None:
    """TransitionNotAllowed unless `actor` may take that step. Staying is a remark, and an owner may."""
    if present == wanted and actor == "owner":
        return
    if actor not in TRANSITIONS.get((present, wanted), frozenset()):
        raise TransitionNotAllowed(state=present, action=wanted)


def after_measurement(present: Status, former: Verdict | None, verdict: Verdict) -> Status:
    """Where a verdict leads: worse reopens, and so does a change for the better that did not last."""
    if present not in OUT or verdict == "too_early":
        return present
    if verdict == "worse" or (former == "helped" and verdict == "no_change"):
        return "regressed"
    return "measured"


def next_statuses(present: Status) -> tuple[Status, ...]:
    """What a product owner may choose, in the order of the table."""
    return tuple(
        wanted for (begin, wanted), who in TRANSITIONS.items() if begin == present and "owner" in who
    )
