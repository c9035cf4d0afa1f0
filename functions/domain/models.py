"""Which model labels: challengers are offered, promoted when they were measured better, and rolled back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain import champion
from functions.domain.access import Caller
from functions.domain.champion import BrokenModelError
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    ModelNotBetter,
    ModelUnfit,
    NotFound,
    NothingToRollBack,
    PreconditionFailed,
)
from functions.domain.history import next_entry
from functions.storage import models as store
from functions.storage.models import Offered, Pointer
from functions.storage.tables import StaleError
from schemas.models import ModelOffer, NewModel, UploadForm

NAME = re.compile(r"m-[0-9a-f]{12}")
FORM_SECONDS = 900
HISTORY_KEPT = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """The pointer, every model on offer, and the name of the one that came with the software."""

    pointer: Pointer
    offered: tuple[Offered, ...]
    shipped: str

    @property
    def champion(self) -> str:
        return self.pointer.champion or self.shipped

    @property
    def previous(self) -> str | None:
        if self.pointer.previous is None:
            return None
        return self.pointer.previous or self.shipped


def standing() -> Standing:
    return Standing(store.pointer(), tuple(store.offered()), champion.shipped().name)


def offer(caller: Caller, new: NewModel, now: datetime) -> ModelOffer:
    """Takes a challenger's report and gives a form for its file. The same again gives another form."""
    try:
        store.offer(new, now, caller.subject)
    except StaleError:
        raise InvalidRequest(FieldFault("/sha256", "model_of_another_file")) from None
    url, fields = store.upload_form(new.name, new.bytes, FORM_SECONDS)
    return ModelOffer(name=new.name, upload=UploadForm(url=url, fields=fields), seconds=FORM_SECONDS)


def promote(
    caller: Caller, name: str, now: datetime, if_version: int | None, *, force: bool, reason: str
) -> Standing:
    """Makes a challenger the champion. The champion again changes nothing.

    ModelNotBetter unless it was measured better than the present champion, or `force`; ModelUnfit for a file
    that is not there or cannot label.
    """
    row = store.get(name) if NAME.fullmatch(name) else None
    if row is None:
        raise NotFound
    before = standing()
    if before.pointer.champion == name:
        return before
    _require(before.pointer, if_version)
    if not force:
        _require_better(row, before)
    content = store.file_of(row)
    if content is None:
        raise ModelUnfit(why="it was not uploaded, or is not the file that was offered")
    try:
        champion.opened(name, content)
    except BrokenModelError:
        raise ModelUnfit(why="it is no model of this version, or cannot label") from None
    return _pointed(before, name, caller, now, "force" if force else "promote", reason)


def roll_back(caller: Caller, now: datetime, if_version: int | None, *, reason: str) -> Standing:
    """Returns to the champion before; what was rolled back can be returned to in the same way."""
    before = standing()
    if before.pointer.previous is None:
        raise NothingToRollBack
    _require(before.pointer, if_version)
    return _pointed(before, before.pointer.previous, caller, now, "roll_back", reason)


def _require_better(row: Offered, before: Standing) -> None:
    if row.report.champion != before.champion:
        raise ModelNotBetter(why=f"it was measured against {row.report.champion}, not {before.champion}")
    if not row.report.better:
        raise ModelNotBetter(why="; ".join(row.report.reasons))


def _require(pointer: Pointer, if_version: int | None) -> None:
    if if_version is not None and if_version != pointer.version:
        raise PreconditionFailed(state=pointer.champion or "shipped")


def _pointed(before: Standing, name: str, caller: Caller, now: datetime, did: str, reason: str) -> Standing:
    facts = (("model", name or before.shipped), *((("reason", reason),) if reason else ()))
    pointer = before.pointer
    entry = next_entry(
        pointer.history, at=now, actor=caller.subject, role=caller.role, action=did, facts=facts
    )
    history = (*pointer.history, entry)[-HISTORY_KEPT:]
    wanted = replace(pointer, champion=name, previous=pointer.champion, history=history)
    try:
        written = store.point(wanted, pointer)
    except StaleError:
        raise ChangedMeanwhile(state=store.pointer().champion or "shipped") from None
    champion.forget()
    return replace(before, pointer=written)
