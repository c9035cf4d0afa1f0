"""Labels by people: a product owner's word in the model's place, and the queue of what it is unsure of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from functions.domain import alerts
from functions.domain.access import Caller
from functions.domain.errors import ChangedMeanwhile, NotFound, PreconditionFailed
from functions.storage import feedback as store
from functions.storage import label_queue
from functions.storage.corrections import Correction
from functions.storage.feedback import Labelled
from functions.storage.label_queue import LANGUAGES, Waiting
from functions.storage.labelling import Labelling
from functions.storage.tables import StaleError, instant_key
from schemas.common import has_words
from schemas.feedback import Feedback, Labels, Language, leaves_the_loop
from schemas.labels import NewLabels

FEEDBACK_ID = re.compile(r"[0-9a-f]{26}")
ASK_BELOW = 0.5
"""Leads in log-odds under which a person is asked. Assumed: the queue's order matters more than its end."""
MOST_SKIPS = 2
"""Passed by so often, a text is asked about no more."""
Change = Callable[[Labelled], Labelled]


def is_worth_asking(feedback: Feedback, labels: Labels) -> bool:
    """Whether a person's label would teach something: an unsure model, and words to judge by.

    Never of somebody in danger: officers read that, and nobody should pass it by in a queue.
    """
    if leaves_the_loop(labels) or not _says_something(feedback):
        return False
    return labels.abstained or (labels.margin is not None and labels.margin < ASK_BELOW)


def _says_something(feedback: Feedback) -> bool:
    try:
        has_words(f"{feedback.title}{feedback.text}")
    except ValueError:
        return False
    return True


def fresh(feedback: Feedback, labels: Labels) -> Labelling:
    """Of a text as it comes in."""
    return Labelling(is_asked=is_worth_asking(feedback, labels))


def carried(row: Labelled, before: Labelled) -> Labelled:
    """The revised row with what people said of the text before, if the text itself is the same.

    A person's word is about words: with another rating or version it holds, of another text it says nothing.
    """
    done = before.labelling
    version = done.version + 1
    if not _is_same_text(row.feedback, before.feedback):
        return replace(row, labelling=replace(fresh(row.feedback, row.labels), version=version, log=done.log))
    if done.correction:
        kept = replace(done.correction, said=row.labels)
        held = replace(done, version=version, correction=kept, is_asked=False)
        return replace(row, labels=judged(kept), labelling=held)
    labels = row.labels.model_copy(update={"danger": False}) if done.is_cleared else row.labels
    is_asked = is_worth_asking(row.feedback, labels) and done.skipped < MOST_SKIPS
    return replace(row, labels=labels, labelling=replace(done, version=version, is_asked=is_asked))


def _is_same_text(one: Feedback, other: Feedback) -> bool:
    return (one.text, one.title) == (other.text, other.title)


def judged(correction: Correction) -> Labels:
    """What holds of a text that a person judged; mood and language are the model's."""
    said = correction.said
    return said.model_copy(
        update={
            "type": correction.types[0],
            "types": correction.types,
            "area": correction.area,
            "severity": said.severity if correction.severity is None else correction.severity,
            "danger": said.danger if correction.danger is None else correction.danger,
            "confidence": 1.0,
            "abstained": False,
            "why": (),
            "margin": None,
            "model": "",
        }
    )


def said_by_model(row: Labelled) -> Labels:
    return row.labelling.correction.said if row.labelling.correction else row.labels


def show(feedback_id: str) -> Labelled:
    """NotFound when there is none; what is not a text's id does not reach the store."""
    found = store.known([feedback_id]) if FEEDBACK_ID.fullmatch(feedback_id) else {}
    if feedback_id not in found:
        raise NotFound
    return found[feedback_id]


def correct(
    caller: Caller, feedback_id: str, new: NewLabels, now: datetime, if_version: int | None
) -> Labelled:
    """Puts a person's word in the model's place. The same word again changes nothing."""
    before = show(feedback_id)
    correction = Correction(
        by=caller.subject,
        at=now,
        types=new.all_types,
        area=new.area,
        said=said_by_model(before),
        severity=new.severity,
        danger=new.danger,
        reason=new.reason or "",
    )
    if correction.judges_as(before.labelling.correction):
        return before  # also the second try of whoever lost the first one's answer
    _require(before, if_version)
    labels = judged(correction)
    done = _noted(before, caller, now, "correct", f"{labels.type} {labels.area}")
    after = replace(before, labels=labels, labelling=replace(done, correction=correction, is_asked=False))
    if leaves_the_loop(labels) and not leaves_the_loop(before.labels):
        alerts.raise_alert(after, now)
    return _saved(after, before)


def undo(caller: Caller, feedback_id: str, now: datetime, if_version: int | None) -> Labelled:
    """Takes a person's word back: the model's holds again. Without one nothing changes."""
    before = show(feedback_id)
    if before.labelling.correction is None:
        return before
    _require(before, if_version)
    labels = before.labelling.correction.said
    done = replace(_noted(before, caller, now, "undo"), correction=None)
    is_asked = is_worth_asking(before.feedback, labels) and done.skipped < MOST_SKIPS
    return _saved(replace(before, labels=labels, labelling=replace(done, is_asked=is_asked)), before)


def skip(caller: Caller, feedback_id: str, now: datetime, if_version: int | None) -> Labelled:
    """Puts a text behind all others; one that is there already is asked about no more."""
    before = show(feedback_id)
    if not before.labelling.is_asked:
        return before
    _require(before, if_version)
    done = _noted(before, caller, now, "skip")
    skipped = done.skipped + 1
    left = replace(done, skipped=skipped, is_asked=skipped < MOST_SKIPS)
    return _saved(replace(before, labelling=left), before)


def clear_of_danger(caller: Caller, feedback_id: str, now: datetime) -> Labelled | None:
    """An officer found nobody in danger: the text comes back into the loop, and a person is asked what it is.

    None for a text that has gone meanwhile.
    """
    while (before := store.known([feedback_id]).get(feedback_id)) is not None:
        if before.labelling.is_cleared:
            return before
        labels = before.labels.model_copy(update={"danger": False})
        done = _noted(before, caller, now, "clear")
        asked = before.labelling.correction is None and _says_something(before.feedback)
        cleared = replace(done, is_cleared=True, is_asked=asked)
        try:
            return _saved(replace(before, labels=labels, labelling=cleared), before)
        except ChangedMeanwhile:
            continue
    return None


def queue(
    app: str, language: Language | None, after: str | None, limit: int
) -> tuple[list[Labelled], str | None]:
    """Texts to ask about, the most uncertain first, and the position to go on from.

    A page may hold fewer than `limit`: the index lags behind what was labelled a moment ago.
    """
    return label_queue.asked(app, (language,) if language else LANGUAGES, after=after, limit=limit)


def waiting(app: str) -> Waiting:
    """How many texts of an app wait for a label; the number for the menu, counted up to 100 a language."""
    return label_queue.waiting(app)


def corrected(app: str, after: str | None, limit: int) -> tuple[list[Labelled], str | None]:
    """What people labelled, oldest correction first: what the next model learns from."""
    return label_queue.corrected(app, after=after, limit=limit)


def _require(row: Labelled, if_version: int | None) -> None:
    if if_version is not None and if_version != row.labelling.version:
        raise PreconditionFailed(state=row.labels.type)


def _noted(row: Labelled, caller: Caller, now: datetime, did: str, what: str = "") -> Labelling:
    entry = {"at": instant_key(now), "by": caller.subject, "do": did}
    done = row.labelling
    log = (*done.log, entry | ({"as": what} if what else {}))
    return replace(done, version=done.version + 1, log=log)


def _saved(after: Labelled, before: Labelled) -> Labelled:
    try:
        store.relabel(after, before)
    except StaleError:
        present = show(after.feedback.feedback_id)
        if present.labelling.log[-1:] != after.labelling.log[-1:]:
            raise ChangedMeanwhile(state=present.labels.type) from None
        return present  # ours: the reply of the first try was lost, and the second met what it had written
    return after
