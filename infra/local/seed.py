"""Demo data for a new data folder: invented complaints and feedback, planted through the product's own rules.

It is dated back from the moment it is planted, so that clocks have run out and trends have a past.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from feedback_ml.classifier import Classifier
from feedback_ml.text import mask_personal
from functions.domain import champion, complaints, feedback, forecast, regrouping, steps, sweep
from functions.domain.access import Caller, Role
from functions.settings import settings
from infra.local import citizens
from schemas.catalogue.reading import offices
from schemas.complaints import NewComplaint
from schemas.feedback import Feedback, Labels
from schemas.steps import Accept, Confirm, Contact, Dispute, Report, Step, Withdraw

COMPLAINTS = Path(__file__).with_name("demo_complaints.json")
PHRASES = Path(__file__).parents[2] / "feedback_ml" / "phrases"
WEEKS = 12
BATCH = 200
VERSIONS = ("2.0.4", "2.1.0", "2.2.0", "2.3.1")
# Sign-in broke with the newest version and payment slips with the one before: the board has a story to show.
RECENT = {"sign_in": 4.0, "payments": 2.0}
TYPICAL_RATING = {"bug": 1, "performance": 2, "usability": 3, "service_complaint": 1, "praise": 5}
STEPS: dict[str, tuple[float, Step]] = {
    "accept": (1, Accept(action="accept")),
    "reached": (3, Contact(action="contact", outcome="reached", note="Spoke with the complainant.")),
    "not_reached": (3, Contact(action="contact", outcome="not_reached", note="The telephone was off.")),
    "report": (
        20,
        Report(action="report", finding="substantiated", text="Checked on the spot; the officer was warned."),
    ),
    "confirm": (30, Confirm(action="confirm", rating=4, text="Settled, thank you.")),
    "dispute": (30, Dispute(action="dispute", text="Nothing has changed since that report was written.")),
    "withdraw": (4, Withdraw(action="withdraw", text="No longer needed.")),
}


def plant(now: datetime) -> str:
    """Plants everything and says, in one line, what there now is."""
    known = [citizens.caller(each, now) for each in citizens.citizens()]
    lodged = [_complaint(number, row, known[number % len(known)], now) for number, row in enumerate(_rows())]
    swept = sweep.flag_overdue(now, forecast=forecast.likely)
    texts = _feedback(now)
    ranked = regrouping.regroup(settings().own_app, now)
    return (
        f"Demo data: {len(lodged)} complaints ({swept.flagged} clocks overdue), "
        f"{texts} feedback texts in {ranked} topics; all invented."
    )


def _rows() -> list[dict[str, Any]]:
    return list(json.loads(COMPLAINTS.read_text(encoding="utf-8")))


def _complaint(number: int, row: dict[str, Any], citizen: Caller, now: datetime) -> str:
    begun = now - timedelta(hours=row["age_hours"])
    fields = {name: row[name] for name in ("category", "narrative")}
    places = {name: row[name] for name in ("station", "district", "about_office") if name in row}
    new = NewComplaint(complainant_name="Sample Person", phone=f"0300 00000{number:02d}", **fields, **places)
    case = complaints.lodge(citizen, new, f"demo-{number}", begun)
    if complaints.show(citizen, case.reference).version > 1:
        return case.reference  # planted before
    officer = _officer_of(case.office)
    for name in row["steps"]:
        hours, step = STEPS[name]
        by = citizen if name in ("confirm", "dispute", "withdraw") else officer
        steps.take(by, case.reference, step, begun + timedelta(hours=hours), None)
    return case.reference


def _officer_of(office: str) -> Caller:
    roles = {"sub_division": Role.SDPO, "district": Role.DPO, "region": Role.RPO}
    role = roles.get(offices()[office].rank, Role.CENTRAL_OFFICE)
    return Caller(f"demo-{role}", role, office)


def _feedback(now: datetime) -> int:
    classifier = Classifier.load()

    def label(record: Feedback) -> Labels:
        return champion.labelled(classifier, record.text, record.title, record.rating)

    records = list(_texts(now))
    for begin in range(0, len(records), BATCH):
        feedback.take_in(records[begin : begin + BATCH], label, mask_personal)
    return len(records)


def _texts(now: datetime) -> Iterator[Feedback]:
    """Every phrase written for training, as if somebody had sent it in the last weeks."""
    for file in sorted(PHRASES.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            phrase = json.loads(line)
            yield _sent(phrase["text"], phrase["type"], phrase["area"], now)


def _sent(text: str, kind: str, area: str, now: datetime) -> Feedback:
    # Seeded by the text itself, so that planting again is the same texts again.
    chance = random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311  # nosec B311  # a demo, not a secret
    weight = RECENT.get(area, 1.0) if kind == "bug" else 1.0
    age = timedelta(weeks=WEEKS * chance.random() ** weight, minutes=1)
    version = VERSIONS[-1 - min(len(VERSIONS) - 1, age // timedelta(weeks=3))]
    return Feedback(
        source=chance.choice(("play", "play", "app_store", "in_app")),
        app=settings().own_app,
        external_id=f"demo-{hashlib.sha256(text.encode()).hexdigest()[:16]}",
        written_at=now - age,
        text=text,
        rating=TYPICAL_RATING.get(kind),
        version=version,
        person=f"demo-person-{chance.randrange(900)}",
    )
