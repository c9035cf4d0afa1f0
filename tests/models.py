"""Small models that were really taught: seconds each, once a run, and as good as a few phrases make them."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from feedback_ml import teaching
from feedback_ml.classifier import Classifier
from feedback_ml.examples import phrases
from functions.storage import models as store
from schemas.models import Compared, NewModel, Report


@cache
def content(number: int = 0) -> bytes:
    """The file of one of several models."""
    taught = phrases()[number::100]
    return json.dumps(teaching.teach(taught, [])).encode()


@cache
def classifier(number: int = 0) -> Classifier:
    return Classifier(json.loads(content(number)))


def name(number: int = 0) -> str:
    return classifier(number).name


def report(number: int = 1, champion: int = 0, **changes: Any) -> Report:
    same = Compared(texts=400, champion=0.8, challenger=0.85)
    made: dict[str, Any] = {
        "champion": name(champion),
        "challenger": name(number),
        "gold": "0123456789abcdef",
        "types": same,
        "areas": same,
        "languages": {"en": same, "ur": same},
        "danger_recall": same,
        "danger_precision": same,
        "difference": 0.05,
        "low": 0.02,
        "high": 0.08,
        "p": 0.001,
        "p_mcnemar": 0.002,
        "better": True,
    }
    return Report.model_validate(made | changes)


def new(number: int = 1, champion: int = 0, **changes: Any) -> NewModel:
    file = content(number)
    made = {
        "name": name(number),
        "sha256": hashlib.sha256(file).hexdigest(),
        "bytes": len(file),
        "report": report(number, champion),
    }
    return NewModel.model_validate(made | changes)


def challenger() -> dict[str, Any]:
    """The offer of a model that nobody taught, as a client sends it."""
    same = {"texts": 400, "champion": 0.8, "challenger": 0.85}
    report = {"champion": "m-000000000000", "challenger": "m-111111111111", "gold": "0123456789abcdef"}
    report |= dict.fromkeys(("types", "areas", "danger_recall", "danger_precision"), same)
    report |= {"languages": {"en": same}, "difference": 0.05, "low": 0.02, "high": 0.08}
    report |= {"p": 0.001, "p_mcnemar": 0.002, "better": True}
    return {"name": "m-111111111111", "sha256": "0" * 64, "bytes": 9, "report": report}


def upload(number: int = 1, file: bytes | None = None) -> None:
    """Lays a file where the form would."""
    store._put(name(number), "classifier.json", content(number) if file is None else file)
