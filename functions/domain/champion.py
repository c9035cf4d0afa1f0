"""The model that labels here: the promoted one, or the one that came with the software.

Labelling never waits for a model and never fails for one: a pointer that cannot be read, a file that is gone
or broken leaves the model in use, and the next look is LOOK_SECONDS later.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache

from feedback_ml.classifier import Classifier
from functions.storage import models
from functions.storage.tables import StoreFailureError
from schemas.feedback import Feedback, Labels

LOOK_SECONDS = 300
SURE = 0.9
"""Above that confidence nobody is ever asked, so the lead is not worked out."""
PROBE = "The code does not arrive, کوڈ نہیں آ رہا"
"""Labelled once before a model is let in."""
log = logging.getLogger("khidmat")


class BrokenModelError(Exception):
    """The file is no model of this version, or its labels cannot be kept."""


@dataclass(slots=True)
class _Seat:
    """What this process labels with; `name` is "" for the model that shipped."""

    name: str = ""
    model: Classifier | None = None
    looked_at: float | None = None


_seat = _Seat()
_looking = threading.Lock()


def label(record: Feedback, clock: Callable[[], float] = time.monotonic) -> Labels:
    """What the champion says of a text, with its lead and the model's name."""
    return labelled(champion(clock), record.text, record.title, record.rating)


def labelled(model: Classifier, text: str, title: str = "", rating: int | None = None) -> Labels:
    found = model.label(text, title=title, rating=rating)
    is_unsure = (text or title) and (found.abstained or found.confidence < SURE)
    margin = model.margin(text, title=title, rating=rating) if is_unsure else None
    return Labels(**asdict(found), margin=margin, model=model.name)


def champion(clock: Callable[[], float] = time.monotonic) -> Classifier:
    """The model in use. The pointer is looked at by one thread at a time, every LOOK_SECONDS at most."""
    now = clock()
    is_due = _seat.looked_at is None or now - _seat.looked_at >= LOOK_SECONDS
    if is_due and _looking.acquire(blocking=False):
        try:
            _look(now)
        finally:
            _looking.release()
    return _seat.model or shipped()


def forget() -> None:
    """For tests, and after a promotion by this process: look again at once."""
    _seat.looked_at = None


def reset() -> None:
    """For tests, whose tables are emptied under the same process."""
    _seat.name, _seat.model, _seat.looked_at = "", None, None


@cache
def shipped() -> Classifier:
    return Classifier.load()


def _look(now: float) -> None:
    try:
        wanted = models.pointer().champion
        if wanted != _seat.name:
            _seat.model = load(wanted) if wanted else None
            _seat.name = wanted
    except StoreFailureError:
        log.warning("the champion was not looked for")
    except BrokenModelError:
        log.error("the champion is broken")  # noqa: TRY400 - where it broke is in no file of ours
    finally:
        _seat.looked_at = now


def load(name: str) -> Classifier:
    """The model of that name; BrokenModelError when there is none, or what is there cannot label."""
    row = models.get(name)
    content = models.file_of(row) if row else None
    if content is None:
        raise BrokenModelError(name)
    return opened(name, content)


def opened(name: str, content: bytes) -> Classifier:
    """The model in a file, having labelled a text; BrokenModelError for whatever is wrong with it."""
    try:
        model = Classifier(json.loads(content))
        labelled(model, PROBE)
    except Exception as error:
        # A file may be broken in any way: whatever it is, this is no model.
        raise BrokenModelError(name) from error
    if model.name != name:
        raise BrokenModelError(name)
    return model
