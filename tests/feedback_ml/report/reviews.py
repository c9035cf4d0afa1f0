"""Invented reviews of one app, and a classifier that says what each was made to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback_ml.classifier import Prediction
from schemas.feedback import Feedback

END = datetime(2026, 5, 20, 12, tzinfo=UTC)
OTP = {
    "en": "OTP code does not arrive",
    "ur": "او ٹی پی نہیں آ رہا",
    "ur-Latn": "OTP nahi aa raha",
    "mixed": "OTP code نہیں آ رہا",
}


def review(number: int, text: str = OTP["en"], *, days_ago: float = 0, **changes) -> Feedback:
    said = {
        "source": "play",
        "app": "pk.khidmat.app",
        "external_id": f"r{number}",
        "written_at": END - timedelta(days=days_ago),
        "text": text,
        "rating": 1,
        "version": "1.0",
        "person": f"p{number}",
    }
    return Feedback.model_validate(said | changes)


def reviews(count: int = 12) -> list[Feedback]:
    """The same matter in four languages, by as many people, over four months."""
    texts = list(OTP.values())
    return [review(n, texts[n % 4], days_ago=10.0 * n) for n in range(count)]


@dataclass
class Sayer:
    """Stands for the classifier: a bug of sign-in, but what says knife is danger and "thanks" is praise."""

    confidence: float = 0.9

    def label(self, text: str, *, title: str = "", rating: int | None = None) -> Prediction:
        from feedback_ml.text import language

        kind = "praise" if "thanks" in text else "bug"
        return Prediction(
            type=kind,
            types=(kind,),
            language=language(text),
            sentiment="negative",
            severity=4,
            confidence=self.confidence,
            area="sign_in",
            danger="knife" in text,
            abstained="unclear" in text,
        )
