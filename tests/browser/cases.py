"""A desk to look at: complaints in three scripts, plainly invented, lodged and worked on as people would."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from functions.domain import complaints, register, steps, sweep
from functions.domain.access import Caller, Role
from functions.storage import cases as store
from functions.storage.register import Row
from schemas.complaints import NewComplaint
from schemas.steps import Accept, Ask, Begin, Contact, Report, Step
from tests import people, registered

SDPO = Caller("sdpo-civil-lines", Role.SDPO, "sd-lhr-civil-lines")
OFFICES = ("sd-lhr-civil-lines", "sd-lhr-civil-lines", "sd-lhr-model-town", "ds-lahore")
ACCEPT, BEGIN = Accept(action="accept"), Begin(action="begin")
SPOKE = Contact(action="contact", outcome="reached", note="The complainant asks to be called in the evening.")
REPORT = Report(
    action="report", finding="substantiated", text="The report was registered today and a copy handed over."
)
ASK = Ask(action="ask", text="Please send the number of the first application.")
STOLEN = "The station refused to write my report of a stolen bicycle. I went there three times this week."
LONG = (
    "میں نے دو ہفتے پہلے اپنی موٹر سائیکل کی چوری کی درخواست دی تھی۔ تفتیشی افسر نہ فون اٹھاتا ہے اور نہ موقع پر آیا۔ "
    "ہر بار کہا جاتا ہے کہ کل آئیں۔"
)
LODGED: tuple[tuple[float, str, str, tuple[Step, ...]], ...] = (
    (14.2, "fir_not_registered", STOLEN, ()),
    (30.5, "faulty_investigation", LONG, (ACCEPT,)),
    (7.4, "demand_of_gratification", "Mujh se darkhast par muhar lagane ke liye do hazar rupay mange gaye.", ()),
    (60, "fir_not_registered", "تھانے والوں نے پرچہ درج کرنے سے انکار کیا۔", (ACCEPT, SPOKE, BEGIN)),
    (20, "misconduct", "The officer at the counter shouted at my father and sent us away.", (ACCEPT, SPOKE, ASK)),
    (40, "slackness", "My application has been waiting for ten days and nobody answers.", (ACCEPT, SPOKE, REPORT)),
    (5, "violence_against_women", "She was threatened on the way home and nobody came when she called.", ()),
    (1, "illegal_detention", "My brother has been held at the station since yesterday without a case.", ()),
    (3, "false_fir", "A case was made against me for a quarrel at which I was not present.", (ACCEPT,)),
)  # fmt: skip


def write(now: datetime) -> list[str]:
    """All of LODGED, by their citizen; what time brought about stands in them. The references, in order."""
    people.person("citizen-1")
    owner = people.citizen("citizen-1")
    made = []
    for number, (hours, category, narrative, taken) in enumerate(LODGED):
        lodged_at = now - timedelta(hours=hours)
        new = NewComplaint.model_validate(_body(category, narrative))
        reference = complaints.lodge(owner, new, f"invented-{number}", lodged_at).reference
        for count, step in enumerate(taken, start=1):
            at = lodged_at + timedelta(hours=hours * count / 8)
            steps.take(SDPO, reference, step, at, None)
        made.append(reference)
    sweep.flag_overdue(now)
    registered.enter(*(register.row_of(case) for case in store.many(made).values()), *_answered(now))
    return made


def _answered(now: datetime) -> list[Row]:
    """Complaints of this month that were answered, most of them in time: for the figures alone."""
    found = []
    for number, office in enumerate(OFFICES * 3):
        due = now + timedelta(hours=1)
        reported = due - timedelta(minutes=30) if number % 4 else due + timedelta(hours=3)
        found.append(
            registered.row(
                number,
                office=office,
                complaint_class="ABC"[number % 3],
                lodged_at=now - timedelta(minutes=5),
                state="closed",
                final_report_due=due,
                reported_at=reported,
                closed_at=reported,
                closed_by="citizen",
            )
        )
    return found


def _body(category: str, narrative: str) -> dict[str, Any]:
    return {
        "category": category,
        "narrative": narrative,
        "complainant_name": "Sample Person",
        "phone": "0300 0000000",
        "place": "Near the sample market, Mozang",
        "station": "ps-lhr-mozang",
    }
