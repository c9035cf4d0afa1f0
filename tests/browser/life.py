"""Topics at every stage of their life, releases round them, and texts to label: for the board's other pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from functions.domain import feedback, releases, topic_decisions
from functions.domain.access import Caller, Role
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from schemas.feedback import Feedback, Labels
from schemas.releases import ChangedRelease, NewRelease
from schemas.topics import InBothTongues, Measured, NewDecision
from tests.browser import seed

OWNER = Caller("product-owner-1", Role.PRODUCT_OWNER)
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
OUT = ("3.4.0", "2025-12-20"), ("3.4.1", "2026-01-18")
NEXT = "3.6.0"
TO_LABEL = (
    ("ur-Latn", "app theek hai lekin challan wala hissa samajh nahi aata", "usability", "payments", 3),
    ("en", "Since the update it asks for my card again and the page is white", "bug", "sign_in", 2),
    ("ur", "تھانے گیا تو کہا ایپ پر دیکھیں، ایپ کہتی ہے تھانے جائیں", "service_complaint", "certificates", 1),
    ("mixed", "licence renew ka button kahan ہے", "question", "licences", 4),
    ("en", "ok but slow sometimes maybe my phone", "performance", "app", 3),
    ("ur-Latn", "notification der se aati hai ya aati hi nahi", "bug", "notifications", 2),
    ("ur", "اچھی ایپ ہے مگر اردو کم ہے", "feature_request", "language", 4),
)


def write() -> None:
    """Needs the topics of `seed.write`, and that nobody ranks them anew."""
    made = {version: _release(version, day) for version, day in OUT}
    coming = releases.create(OWNER, NewRelease(version=NEXT), seed.APP, NOW)
    _decide(5, "accepted", reason="People ask for it every week")
    _decide(7, "planned")
    _decide(3, "in_release", release_id=coming.release_id)
    done = InBothTongues(en="Photos of any size can be added.", ur="اب ہر سائز کی تصویر لگ سکتی ہے۔")
    _decide(4, "in_release", release_id=made["3.4.1"], done=done)
    _decide(10, "in_release", release_id=made["3.4.0"])
    _decide(9, "declined", reason="The district follows from the station")
    for version, _ in OUT:
        _ship(made[version])
    _measure(4, made["3.4.1"])
    _measure(10, made["3.4.0"], verdict="no_change", ratio=0.93, low=0.71, high=1.22, rate_after=9.1)
    _ask_about_texts()


def _release(version: str, day: str) -> str:
    new = NewRelease.model_validate({"version": version, "released_on": day, "notes": "Small repairs."})
    return releases.create(OWNER, new, seed.APP, NOW).release_id


def _ship(release_id: str) -> None:
    present = releases.show(release_id)
    wanted = ChangedRelease(state="shipped", released_on=present.released_on, notes=present.notes)
    releases.change(OWNER, release_id, wanted, NOW, None)


def _decide(number: int, status: str, **more: object) -> None:
    new = NewDecision.model_validate({"status": status, **more})
    topic_decisions.decide(OWNER, seed.topic_id(number), new, NOW, None)


def _measure(number: int, release_id: str, **more: object) -> None:
    topic = topic_store.get(seed.topic_id(number))
    assert topic
    said = {
        "release_id": release_id, "verdict": "helped", "rate_before": 9.8, "rate_after": 3.1, "ratio": 0.32,
        "low": 0.21, "high": 0.47, "control": 1.04, "texts_before": 4210, "texts_after": 3902, "as_of": seed.AS_OF,
    }  # fmt: skip
    measured = Measured.model_validate(said | more)
    verdicts = ((release_id, measured.verdict),)
    standing = replace(
        topic.standing, measured=measured, verdicts=verdicts, told_release=release_id, told=214
    )
    topic_changes.save_standing(topic, standing)
    topic_decisions.decide_by_itself(topic, "measurement", "measured", f"Measured: {measured.verdict}", NOW)


def _ask_about_texts() -> None:
    for number, (language, text, kind, area, rating) in enumerate(TO_LABEL):
        sent = Feedback(
            source=("play", "in_app")[number % 2], app=seed.APP, external_id=f"unsure-{number}",
            written_at=seed.AS_OF - timedelta(hours=number), text=text, rating=rating, version="3.5.0",
        )  # fmt: skip
        said = Labels(
            type=kind, types=(kind,), area=area, language=language, sentiment="negative", severity=3,
            confidence=0.34 + number / 50, abstained=True, margin=0.05 * (number + 1),
            why=tuple(text.split()[2:5]), model="m-0123456789ab",
        )  # fmt: skip
        feedback.take_in([sent], lambda _, said=said: said, str, NOW)
