"""How offices and citizens behave: what may happen to a case next, and when. All of it is assumed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.domain import call_backs
from functions.domain.access import RANK_OF_ROLE, calls_back
from functions.domain.deadlines import KARACHI, answered_at, enough_attempts, window_end
from functions.domain.lifecycle import WAITING
from functions.domain.rules import rules_of
from infra.local.simulation.assumptions import chosen, figures, lognormal
from infra.local.simulation.world import Actor
from schemas.catalogue.reading import ladder, offices

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from schemas.cases import Case

DAY_BEGINS, DAY_ENDS = 8, 20
MOST_TURNS = 2
"""Appeals, disputes and reopenings a citizen goes to, of each."""
CALLS_AFTER_REPORT = 3
SAID = {
    "transfer": "The place lies with the other office.",
    "reject": "The matter is before a court already, and so it is not for us.",
    "ask": "Please say where and when it happened.",
    "inform": "It happened at the place that I named, in the morning.",
    "report": "The place was visited and those concerned were heard; what was found is on file.",
    "dispute": "Nothing has changed since that report was written.",
    "reopen": "The same has happened again since the case was closed.",
    "appeal": "The answer does not go into what I complained of.",
}


@dataclass(frozen=True, slots=True)
class Move:
    """Something somebody will do unless the case has gone on by then. An empty body only looks again."""

    at: datetime
    by: Actor | None = None
    body: dict[str, Any] | None = None
    is_call_back: bool = False


@dataclass(frozen=True, slots=True)
class Nature:
    """Drawn once for a case: how hard it is, whether anybody looks at it, whether it is laid aside."""

    pace: float
    never: float
    shelved: float
    withdraws: float


class Behaviour:
    """Plans moves. `load` tells how many cases lie open with an office, against what is usual."""

    def __init__(self, rng: Random, load: Callable[[str], float], joinable: Callable[[Case], str]) -> None:
        self._rng = rng
        self._load = load
        self._joinable = joinable
        self._pace: dict[str, float] = {}
        self._natures: dict[str, Nature] = {}

    def plan(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        """What could happen next to a case that has just come into its state, in no order."""
        if case.state in WAITING:
            moves = self._waiting(case, now)
        elif case.state in ("accepted", "contacted", "in_progress"):
            moves = self._at_work(case, now)
        else:
            planned = {
                "information_awaited": self._awaited,
                "report_submitted": self._reported,
                "verified": self._verified,
                "closed": self._closed,
                "rejected": self._rejected,
            }
            plan = planned.get(case.state)
            moves = plan(case, citizen, now) if plan else []
        if case.state in (*WAITING, "accepted", "contacted") and self._rng.random() < self._withdrawing(case):
            hours = lognormal((20, 1.0), self._rng)
            moves.append(Move(now + timedelta(hours=hours), citizen, {"action": "withdraw"}))
        return moves

    def go_on(self, case: Case, now: datetime) -> list[Move]:
        """What follows a move that left the case in its state; whatever else was planned stands."""
        if case.state in ("accepted", "contacted", "in_progress"):
            return self._at_work(case, now)
        return self._calls(case, now) if case.state == "report_submitted" else []

    def _withdrawing(self, case: Case) -> float:
        return self._nature(case).withdraws if len(case.history) <= MOST_TURNS else 0.0

    def _nature(self, case: Case) -> Nature:
        if case.reference not in self._natures:
            known, rng = figures()["offices"], self._rng
            self._natures[case.reference] = Nature(
                pace=lognormal((1.0, known["case_spread"]), rng),
                never=rng.random(),
                shelved=rng.random(),
                withdraws=figures()["citizens"]["withdraws"],
            )
        return self._natures[case.reference]

    def _office_pace(self, office: str) -> float:
        if office not in self._pace:
            self._pace[office] = lognormal((1.0, figures()["offices"]["pace_spread"]), self._rng)
        return self._pace[office]

    def _later(self, case: Case, work: str, now: datetime) -> datetime:
        """When the office comes to it: its work, its pace, its load, its nights."""
        known, office = figures()["offices"], case.office
        hours = lognormal(tuple(known["hours"][work][case.complaint_class]), self._rng)
        hours *= self._nature(case).pace * self._office_pace(office)
        hours *= min(2.0, max(0.6, self._load(office))) ** known["load_weight"]
        if case.progress.level >= 3 and self._rng.random() < known["pressed_after_escalation"]:
            hours /= 2
        return self._by_day(now + timedelta(hours=hours))

    def _by_day(self, at: datetime) -> datetime:
        local = at.astimezone(KARACHI)
        resting = not DAY_BEGINS <= local.hour < DAY_ENDS
        if not resting or self._rng.random() > figures()["offices"]["rest_at_night"]:
            return at
        morning = local.replace(hour=DAY_BEGINS, minute=0, second=0, microsecond=0)
        morning += timedelta(days=local.hour >= DAY_ENDS, seconds=self._rng.randrange(5_400))
        return morning.astimezone(at.tzinfo)

    def _waiting(self, case: Case, now: datetime) -> list[Move]:
        known, officer = figures()["offices"], Actor.of_office(case.office)
        slow = self._office_pace(case.office)
        if self._nature(case).never < known["never_acts"] * slow and case.progress.level < 5:
            # Nobody looks at it, unless what it climbs to moves somebody; then one does after all, or never.
            return self._pressed(case, now)
        at = self._later(case, "accept", now)
        if self._rng.random() < known["transfers"] and (to := self._sibling(case)):
            return [Move(at, officer, {"action": "transfer", "office": to, "text": SAID["transfer"]})]
        if offices()[case.office].rank != "sub_division" and self._rng.random() < known["rejects"]:
            return [
                Move(at, officer, {"action": "reject", "reason": "before_a_court", "text": SAID["reject"]})
            ]
        if self._rng.random() < known["merges"] and (into := self._joinable(case)):
            return [Move(at, officer, {"action": "merge", "into": into})]
        return [Move(at, officer, {"action": "accept"})]

    def _pressed(self, case: Case, now: datetime) -> list[Move]:
        if self._rng.random() > figures()["offices"]["pressed_after_escalation"]:
            return []
        rules = rules_of(case, now)
        hours = 1.6 * rules.policy.classes[case.complaint_class].final_report_hours
        return [Move(now + timedelta(hours=hours), Actor.of_office(case.office), {"action": "accept"})]

    def _sibling(self, case: Case) -> str:
        row = offices()[case.office]
        others = [
            each.id
            for each in offices().values()
            if each.rank == row.rank and each.parent == row.parent and each.id != row.id
        ]
        if row.rank not in ("sub_division", "district") or not others:
            return ""
        return self._rng.choice(others)

    def _at_work(self, case: Case, now: datetime) -> list[Move]:
        known, officer = figures()["offices"], Actor.of_office(case.office)
        if case.first_contacted_at is None:
            at = self._later(case, "contact", now)
            if any(entry.action == "attempt" for entry in case.history):
                at = now + timedelta(hours=known["call_again_hours"] * lognormal((1.0, 0.5), self._rng))
            reached = "reached" if self._rng.random() < known["reached"] else "not_reached"
            return [Move(at, officer, {"action": "contact", "outcome": reached})]
        if self._nature(case).shelved < known["shelved_after_call"] * self._office_pace(case.office):
            return self._shelved(case, now)
        if case.state != "in_progress":
            return [Move(self._later(case, "begin", now), officer, self._taking_up(case))]
        finding = chosen(known["findings"], self._rng)
        report = {"action": "report", "finding": finding, "text": SAID["report"]}
        return [Move(self._later(case, "report", now), officer, report)]

    def _taking_up(self, case: Case) -> dict[str, Any]:
        asks = self._rng.random() < figures()["offices"]["asks"] and case.progress.pauses < MOST_TURNS
        return {"action": "ask", "text": SAID["ask"]} if asks else {"action": "begin"}

    def _shelved(self, case: Case, now: datetime) -> list[Move]:
        """Called and laid aside: a report comes long after its time, if it comes at all."""
        if self._rng.random() > 2 * figures()["offices"]["pressed_after_escalation"]:
            return []
        rules = rules_of(case, now)
        hours = 1.8 * rules.policy.classes[case.complaint_class].final_report_hours
        report = {"action": "report", "finding": "not_substantiated", "text": SAID["report"]}
        return [Move(now + timedelta(hours=hours), Actor.of_office(case.office), report)]

    def _awaited(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        known = figures()["citizens"]
        if self._rng.random() < known["informs"]:
            hours = lognormal(tuple(known["informs_hours"]), self._rng)
            return [Move(now + timedelta(hours=hours), citizen, {"action": "inform", "text": SAID["inform"]})]
        until = case.progress.pause_until or now
        return [Move(until + timedelta(minutes=11))]

    def _reported(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        return [*self._answer(case, citizen, now), *self._calling_back(case, now), *self._calls(case, now)]

    def _answer(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        known, drawn = figures()["citizens"], self._rng.random()
        at = now + timedelta(hours=lognormal(tuple(known["answers_hours"]), self._rng))
        if drawn < known["confirms"]:
            rated = self._rng.random() < known["rates"]
            rating = {"rating": int(chosen(known["ratings"], self._rng))} if rated else {}
            return [Move(at, citizen, {"action": "confirm", **rating})]
        if drawn < known["confirms"] + known["disputes"] and self._disputed(case) < MOST_TURNS:
            return [Move(at, citizen, {"action": "dispute", "text": SAID["dispute"]})]
        return []

    @staticmethod
    def _disputed(case: Case) -> int:
        return sum(entry.action in ("dispute", "object") for entry in case.history)

    def _calling_back(self, case: Case, now: datetime) -> list[Move]:
        known, wanted = figures()["centres"], calls_back(case.district)
        centres = [
            i
            for i, row in offices().items()
            if row.rank == RANK_OF_ROLE[Actor.of_centre(i).role] and wanted in ladder(i)
        ]
        fit = [each for each in centres if case.office not in ladder(each)]
        if not fit or not call_backs.is_waiting(case):
            return []
        at = self._by_day(now + timedelta(hours=lognormal(tuple(known["calls_hours"]), self._rng)))
        drawn, outcome = self._rng.random(), "settled"
        if drawn > known["reached"]:
            outcome = "not_reached"
        elif self._rng.random() < known["not_settled"] and self._disputed(case) < MOST_TURNS:
            outcome = "not_settled"
        return [Move(at, Actor.of_centre(fit[0]), {"outcome": outcome}, is_call_back=True)]

    def _calls(self, case: Case, now: datetime) -> list[Move]:
        """The office's own calls to a citizen who stays silent, before the window ends or once it has to."""
        rules, officer = rules_of(case, now), Actor.of_office(case.office)
        end, since = window_end(case, rules), answered_at(case)
        if end is None or since is None or enough_attempts(case, rules):
            return [Move(end + timedelta(minutes=11))] if end and end > now else []
        if (
            not case.progress.attempts_asked
            and self._rng.random() > figures()["offices"]["calls_after_report"]
        ):
            return [Move(end + timedelta(minutes=11))] if end > now else []
        gap = rules.policy.confirmation.attempt_gap_hours + lognormal((8.0, 0.6), self._rng)
        return [
            Move(
                self._by_day(now + timedelta(hours=gap)),
                officer,
                {"action": "contact", "outcome": "not_reached"},
            )
        ]

    def _verified(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        if self._rng.random() < figures()["centres"]["closes_verified"]:
            at = self._by_day(now + timedelta(hours=lognormal((6.0, 0.6), self._rng)))
            return [Move(at, Actor.of_office(case.office), {"action": "close"})]
        if self._rng.random() < figures()["citizens"]["confirms"] / 2:
            return [Move(now + timedelta(hours=5), citizen, {"action": "confirm", "rating": 4})]
        return [Move(now + timedelta(hours=25))]

    def _closed(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        known, at = figures()["citizens"], now + timedelta(hours=lognormal((20.0, 0.6), self._rng))
        if self._rng.random() < known["reopens"] and case.progress.reopened < MOST_TURNS:
            return [Move(at, citizen, {"action": "reopen", "text": SAID["reopen"]})]
        return self._appealing(case, citizen, at, known["appeals"])

    def _rejected(self, case: Case, citizen: Actor, now: datetime) -> list[Move]:
        at = now + timedelta(hours=lognormal((20.0, 0.6), self._rng))
        return self._appealing(case, citizen, at, 4 * figures()["citizens"]["appeals"])

    def _appealing(self, case: Case, citizen: Actor, at: datetime, share: float) -> list[Move]:
        if self._rng.random() >= share or case.progress.appeals >= MOST_TURNS:
            return []
        return [Move(at, citizen, {"action": "appeal", "text": SAID["appeal"]})]
