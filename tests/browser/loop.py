"""Calls for help, models and sources to look at, plainly invented, as the product would have written them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.domain import champion
from functions.domain.history import next_entry
from functions.storage import danger, fetches, models
from functions.storage import feedback as feedback_store
from functions.storage.fetches import Fetch, RunReport
from functions.storage.models import Pointer
from schemas.cases import Entry
from schemas.feedback import Feedback, Labels
from schemas.models import Compared, Drift, NewModel, Report, Shifted

APP = "pk.khidmat.app"
BETTER, WORSE, FORMER = "m-2b9e51c07a44", "m-7d10aa93e5f2", "m-90c3e17b52d8"
CALLS: tuple[tuple[float, str, str, str, str], ...] = (
    (64, "play", "ur-Latn", "mera shohar mujhe maar raha hai, darwaza band hai, koi aa jaye please", "open"),
    (18, "in_app", "ur", "ہمارے گھر کے باہر چار مسلح لوگ کھڑے ہیں اور دروازہ توڑ رہے ہیں۔ جلدی کریں۔", "open"),
    (4, "in_app", "en", "He has a knife and he says he will kill me if I call. I am in the bathroom.", "open"),
    (300, "in_app", "mixed", "my brother کو کل سے باندھ رکھا ہے ghar ke andar", "acknowledged"),
    (9_000, "app_store", "en", "They are following my sister home every day now.", "past"),
)  # fmt: skip
REASONS = ("worse in ur: 0.812 -> 0.781", "the difference is not certain: p = 0.2130")
WHY = (
    (6, "column 'starRating': '7' is not 1 to 5; correct it or leave it empty"),
    (118, "column 'lastModified': 'yesterday' is no instant; write it as 2026-03-01T09:00:00+05:00"),
)


def write(now: datetime) -> None:
    _calls(now)
    _models(now)
    _drift(now)
    _sources(now)


def _calls(now: datetime) -> None:
    for number, (minutes, source, language, text, state) in enumerate(CALLS, start=1):
        raised = now - timedelta(minutes=minutes)
        sent = Feedback.model_validate(
            {
                "source": source,
                "app": APP,
                "external_id": f"call-{number}",
                "written_at": raised,
                "text": text,
            }
        )
        said = Labels.model_validate(
            {
                "type": "other", "types": ("other",), "language": language, "sentiment": "negative",
                "severity": 5, "confidence": 0.9, "danger": True,
            }
        )  # fmt: skip
        feedback_store.put_many([feedback_store.Labelled(sent, said, sent.content_digest)])
        row = danger.DangerRow(sent.feedback_id, APP, sent.content_digest, "past", raised)
        taken: dict[str, Any] = {"state": state, "history": (_entry(raised, "clock", "raise"),)}
        if state == "acknowledged":
            at = raised + timedelta(minutes=6)
            taken |= {"acknowledged_at": at, "acknowledged_by": "central-punjab"}
            taken["history"] = (*taken["history"], _entry(at, "central-punjab", "acknowledge"))
        danger.put(replace(row, **taken), None)


def _models(now: datetime) -> None:
    shipped = champion.shipped().name
    for name, lead, reasons, days in ((BETTER, 0.024, (), 1), (WORSE, 0.006, REASONS, 6)):
        report = Report(
            champion=shipped,
            challenger=name,
            gold="5c1e09d27ab34f68",
            types=_compared(480, 0.842, lead),
            areas=_compared(480, 0.809, lead / 2),
            languages={
                "ur-Latn": _compared(120, 0.838, lead + 0.01),
                "en": _compared(120, 0.851, lead),
                "ur": _compared(120, 0.812, -0.031 if reasons else 0.018),
                "mixed": _compared(120, 0.829, 0.021),
            },
            danger_recall=_compared(60, 0.983, 0.0),
            danger_precision=_compared(60, 0.861, lead),
            difference=lead,
            low=lead - 0.015,
            high=lead + 0.016,
            p=0.213 if reasons else 0.0008,
            p_mcnemar=0.19 if reasons else 0.0021,
            better=not reasons,
            reasons=reasons,
        )
        offer = NewModel(name=name, sha256="0" * 64, bytes=4_300_000, report=report)
        models.offer(offer, now - timedelta(days=days), "product-owner")
    back = (("model", shipped), ("reason", "Praise was taken for questions"))
    history = (
        _entry(now - timedelta(days=47), "product-owner", "promote", (("model", FORMER),)),
        _entry(now - timedelta(days=40), "product-owner", "roll_back", back),
    )
    models.point(Pointer(champion="", previous=FORMER, history=history), models.pointer())


def _compared(texts: int, share: float, lead: float) -> Compared:
    return Compared(texts=texts, champion=share, challenger=round(share + lead, 4))


def _drift(now: datetime) -> None:
    calm = Shifted(psi=0.03, js=0.01, before={"en": 0.4, "ur": 0.6}, after={"en": 0.42, "ur": 0.58})
    kinds = Shifted(
        psi=0.34, js=0.06,
        before={"bug": 0.31, "praise": 0.4, "question": 0.1}, after={"bug": 0.62, "praise": 0.2, "question": 0.06},
    )  # fmt: skip
    for app, measured, types, alarms, missed in (
        ("com.sample.challan", True, calm, (), 0.031),
        (APP, True, kinds, ("missed_words", "types"), 0.094),
        ("com.sample.small", False, calm, (), 0.0),
    ):
        shown = (
            types if types is kinds else Shifted(psi=0.02, js=0.0, before={"bug": 1.0}, after={"bug": 1.0})
        )
        models.save_drift(
            Drift(
                app=app,
                as_of=now - timedelta(hours=5),
                texts_before=6_204 if measured else 61,
                texts_after=1_118 if measured else 4,
                measured=measured,
                missed_before=0.028,
                missed_after=missed,
                types=shown,
                languages=calm,
                alarms=alarms,
            )
        )


def _sources(now: datetime) -> None:
    begun = now - timedelta(hours=2)
    run = RunReport(begun, 1_204, 1_118, 74, 9, 1, 2, WHY, finished=True)
    dry = RunReport(now - timedelta(minutes=25), 1_240, 1_118, 119, 1, 0, 2, WHY, finished=True)
    good = {"cursor": begun, "begun_at": begun, "ended_at": begun, "succeeded_at": begun}
    fetches.save(Fetch(f"play:{APP}", "read", report=run, rehearsal=dry, **good))
    lost = now - timedelta(days=11)
    failed = {"cursor": lost, "begun_at": begun, "succeeded_at": lost, "missed_since": lost}
    fetches.save(Fetch("play:com.sample.challan", "failed", problem="key_refused", report=run, **failed))
    fetches.save(Fetch("app_store", "off"))


def _entry(at: datetime, actor: str, action: str, facts: tuple[tuple[str, str], ...] = ()) -> Entry:
    role = {"clock": "clock", "product-owner": "product_owner"}.get(actor, "central_office")
    return next_entry((), at=at, actor=actor, role=role, action=action, facts=facts)
