"""What came of a simulated year, in figures read from the cases themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemas.cases import Case, Entry

LEVELS = range(1, 6)
ENDS = ("citizen", "call_back", "window")


@dataclass(frozen=True, slots=True)
class OfClass:
    cases: int
    closed: int
    in_time: int
    """Closed, and no clock of a report was ever missed."""
    hours: tuple[float, ...]
    """To the first report, of those that have one, ascending."""
    missed: int

    def at(self, share: float) -> float:
        return self.hours[min(len(self.hours) - 1, int(share * len(self.hours)))] if self.hours else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    classes: dict[str, OfClass]
    breaches: dict[str, int]
    levels: dict[int, int]
    """Escalations to each level."""
    reopened: int
    disputed: int
    appealed: int
    ends: dict[str, int]
    states: dict[str, int]
    warned: int
    hits: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hits / self.warned if self.warned else 0.0

    @property
    def recall(self) -> float:
        return self.hits / self.missed if self.missed else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "classes": {
                name: {
                    "cases": one.cases,
                    "closed": one.closed,
                    "closed_in_time": one.in_time,
                    "median_hours_to_report": round(one.at(0.5), 1),
                    "p90_hours_to_report": round(one.at(0.9), 1),
                    "missed_reports": one.missed,
                }
                for name, one in self.classes.items()
            },
            "breaches": self.breaches,
            "escalations": {str(level): n for level, n in self.levels.items()},
            "reopened": self.reopened,
            "disputed": self.disputed,
            "appealed": self.appealed,
            "closed_by": self.ends,
            "states": self.states,
            "forecast": {
                "warned": self.warned,
                "missed": self.missed,
                "hits": self.hits,
                "precision": round(self.precision, 3),
                "recall": round(self.recall, 3),
            },
        }


def outcome(cases: Sequence[Case]) -> Outcome:
    entries = [entry for case in cases for entry in case.history]
    actions = Counter(entry.action for entry in entries)
    flags = Counter(dict(e.facts)["clock"] for e in entries if e.action == "flag_overdue")
    levels = Counter(int(dict(e.facts)["level"]) for e in entries if e.action == "escalate")
    ends = Counter(case.progress.closed_by for case in cases if case.state == "closed")
    warned = [case for case in cases if _warned(case)]
    missed = [case for case in cases if _first(case, "flag_overdue", "final_report")]
    return Outcome(
        classes={name: _of_class(cases, name) for name in sorted({c.complaint_class for c in cases})},
        breaches={clock: flags[clock] for clock in ("first_contact", "final_report", "appeal")},
        levels={level: levels[level] for level in LEVELS},
        reopened=actions["reopen"],
        disputed=actions["dispute"] + actions["object"],
        appealed=actions["appeal"],
        ends={by: ends[by] for by in ENDS},
        states=dict(sorted(Counter(case.state for case in cases).items())),
        warned=len(warned),
        hits=sum(case in missed for case in warned),
        missed=len(missed),
    )


def _of_class(cases: Sequence[Case], name: str) -> OfClass:
    own = [case for case in cases if case.complaint_class == name]
    reports = [(case, _first(case, "report")) for case in own]
    hours = sorted((entry.at - case.lodged_at).total_seconds() / 3600 for case, entry in reports if entry)
    closed = [case for case in own if case.state == "closed"]
    late = sum(_first(case, "flag_overdue", "final_report") is not None for case in own)
    return OfClass(len(own), len(closed), sum(not _late(case) for case in closed), tuple(hours), late)


def _late(case: Case) -> bool:
    return bool(_first(case, "flag_overdue", "final_report") or _first(case, "flag_overdue", "appeal"))


def _warned(case: Case) -> bool:
    """Whether the forecast warned of the final report before its time was over."""
    said, flagged = _first(case, "forecast"), _first(case, "flag_overdue", "final_report")
    if said is None or (flagged and flagged.sequence < said.sequence):
        return False
    appealed = _first(case, "appeal")
    return appealed is None or said.sequence < appealed.sequence


def _first(case: Case, action: str, clock: str = "") -> Entry | None:
    return next(
        (e for e in case.history if e.action == action and clock in ("", dict(e.facts).get("clock"))), None
    )


def lines(found: Outcome, threshold: float) -> Iterator[str]:
    """The figures as they are printed."""
    total = sum(one.cases for one in found.classes.values())
    yield f"Cases: {total:,} (" + ", ".join(f"{n:,} {state}" for state, n in found.states.items()) + ")"
    for name, one in found.classes.items():
        share = one.in_time / one.closed if one.closed else 0.0
        hours = f"{one.at(0.5):.0f} (median), {one.at(0.9):.0f} (p90)"
        yield (
            f"  class {name}: {one.cases:,} cases, {one.closed:,} closed, {share:.0%} of these in time; "
            f"hours to report {hours}; {one.missed:,} missed the report"
        )
    yield "Breaches: " + ", ".join(f"{n:,} {clock}" for clock, n in found.breaches.items())
    yield "Escalations to level: " + ", ".join(f"{level}: {n:,}" for level, n in found.levels.items())
    yield f"Disputed {found.disputed:,}, reopened {found.reopened:,}, appealed {found.appealed:,}"
    yield "Closed by " + ", ".join(f"{by} {n:,}" for by, n in found.ends.items())
    yield (
        f"Forecast at {threshold:.2f}: warned of {found.warned:,}, {found.missed:,} missed; "
        f"precision {found.precision:.2f}, recall {found.recall:.2f}"
    )
