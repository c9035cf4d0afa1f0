"""Who is written to every week: the setting's list of offices and addresses.

An office is written to as it says under its own notifications, in its language, and only while e-mail is
among its channels: leaving that out is how it is left alone. An address is written to while the setting names
it. The outbox knows an address by its digest alone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import cast

from functions.settings import ALL, SettingsError, optional
from functions.storage.messages import DIGEST
from schemas.catalogue.reading import offices
from schemas.common import Tongue

SETTING = "digest_to"
_ENTRY = re.compile(r"(en|ur):([^@\s:]+@[^@\s:]+)")


@dataclass(frozen=True, slots=True, repr=False)
class Subscriber:
    """`recipient` as the outbox has it; an `office`, or else an address and its language."""

    recipient: str
    office: str = ""
    address: str = ""
    tongue: Tongue = "en"


def subscribers() -> list[Subscriber]:
    """Everybody on the list, each once, in its order. SettingsError for an entry that is neither."""
    found: dict[str, Subscriber] = {}
    for written in filter(None, map(str.strip, optional(SETTING).split(","))):
        each = _subscriber(written)
        found.setdefault(each.recipient, each)
    return list(found.values())


def subscriber(recipient: str) -> Subscriber | None:
    """None for one who is no longer on the list."""
    return next((each for each in subscribers() if each.recipient == recipient), None)


def _subscriber(written: str) -> Subscriber:
    if written in offices():
        return Subscriber(DIGEST + written, office=written)
    parts = _ENTRY.fullmatch(written)
    if parts is None:
        # The entry itself may be somebody's address, and a message of an error is logged.
        raise SettingsError(f"{ALL[SETTING]}: write codes of offices, or addresses as en:ADDRESS, ur:ADDRESS")
    name = hashlib.sha256(parts[2].lower().encode()).hexdigest()[:16]
    return Subscriber(DIGEST + name, address=parts[2], tongue=cast("Tongue", parts[1]))
