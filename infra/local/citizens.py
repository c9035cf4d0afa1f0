"""The demonstration's citizens: invented documents and telephones, signed in through the product's own rules.

The local issuer knows officers alone. A citizen's token comes from the product, as after a one-time code.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.tokens import UnknownPersonError

if TYPE_CHECKING:
    from functions.domain.access import Caller
    from functions.storage.people import Person
    from infra.local.home import Home

CITIZENS = Path(__file__).with_name("citizens.json")
ROLE = "citizen"
DEVICE = "Terminal"


@dataclass(frozen=True, slots=True)
class Citizen:
    name: str
    shown: str
    document: dict[str, str]
    phone: str


def citizens() -> list[Citizen]:
    return [Citizen(**row) for row in json.loads(CITIZENS.read_text(encoding="utf-8"))]


def citizen_of(name: str = "") -> Citizen:
    """Return the first citizen, or the one named. UnknownPersonError lists the choices."""
    everyone = citizens()
    for citizen in everyone:
        if name in {"", citizen.name}:
            return citizen
    raise UnknownPersonError(f"No citizen is named {name!r}. Named: {', '.join(c.name for c in everyone)}.")


def person(citizen: Citizen, now: datetime) -> Person:
    """Return the citizen as a person of the product; registered now if nobody is yet."""
    from functions.domain import signing_in  # noqa: PLC0415 - it loads the product, which the list does not need
    from schemas.accounts import NewChallenge  # noqa: PLC0415 - as above

    asked = NewChallenge.model_validate({"document": citizen.document, "phone": citizen.phone})
    return signing_in.registered(asked.document.normal, asked.phone, now)


def caller(citizen: Citizen, now: datetime) -> Caller:
    """Return the citizen as a caller, with the keys that open what they wrote."""
    from functions.domain.access import Caller, Role  # noqa: PLC0415 - as above

    known = person(citizen, now)
    if known.keys is None:
        raise UnknownPersonError(f"{citizen.name} was erased. Start over: make run FRESH=1")
    return Caller(known.person, Role.CITIZEN, public_key=known.keys.public, private_key=known.keys.private)


def access_token(place: Home, name: str, choice: str = "") -> str:
    """Return an access token of the citizen named, in a session of its own, of the suite that runs here.

    Without one the engines are started for a moment: the person has to be in the data folder.
    """
    from infra.local import tick  # noqa: PLC0415 - it loads the SDK

    citizen = citizen_of(name)
    with tick.engines_at_hand(place, choice) as product, redirect_stdout(sys.stderr):  # logs go aside
        os.environ.update(product)
        from functions.domain import accounts  # noqa: PLC0415 - as above

        now = datetime.now(UTC)
        return accounts.open_session(person(citizen, now), DEVICE, now).access_token
