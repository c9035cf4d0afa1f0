"""What people wrote in a case, opened for whoever may read it, and sealed for whoever adds to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from functions.domain.access import Caller
from functions.storage import people, sealing
from functions.storage.case_items import SEALED
from functions.storage.sealing import KeyPair
from schemas.cases import Case, Entry

TABLE = "cases"


@dataclass(frozen=True, slots=True, repr=False)
class CaseKey:
    """The key of one case. `key` None: the personal data was erased; nothing opens, nothing can be added."""

    reference: str
    key: bytes | None

    def field(self, case: Case, name: str) -> str | None:
        sealed = dict(case.sealed).get(name)
        if self.key is None or sealed is None:
            return None
        return sealing.open_text(self.key, sealed, TABLE, self.reference, name)

    def text(self, entry: Entry) -> str | None:
        if not entry.text:
            return ""
        if self.key is None:
            return None
        raw = base64.b64decode(entry.text)
        return sealing.open_text(self.key, raw, TABLE, self.reference, _entry_field(entry.sequence))

    def sealed_text(self, sequence: int, text: str) -> str:
        """`text` for the entry of that number; "" for no text."""
        if not text:
            return ""
        if self.key is None:
            raise sealing.UnsealedError
        sealed = sealing.seal(self.key, text, TABLE, self.reference, _entry_field(sequence))
        return base64.b64encode(sealed).decode()


def sealed_for(
    public_key: bytes, reference: str, fields: dict[str, str]
) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """(case key sealed to its owner, sealed fields) of a new case; empty fields are left out."""
    key = sealing.new_key()
    sealed = tuple(
        (name, sealing.seal(key, fields[name], TABLE, reference, name)) for name in SEALED if fields.get(name)
    )
    return sealing.seal_to(public_key, key, TABLE, reference, "key"), sealed


def key_of(case: Case, caller: Caller | None = None) -> CaseKey:
    """The case's key, by the owner's: the caller's own where the caller is the owner, else one look-up."""
    pair = _owners_keys(case, caller)
    if pair is None or not case.case_key:
        return CaseKey(case.reference, None)
    return CaseKey(case.reference, sealing.open_with(pair, case.case_key, TABLE, case.reference, "key"))


def _owners_keys(case: Case, caller: Caller | None) -> KeyPair | None:
    if caller and caller.subject == case.owner and caller.private_key:
        return KeyPair(caller.public_key, caller.private_key)
    owner = people.get(case.owner)
    if owner is None:
        owner = people.get(case.owner, consistent=True)
    return owner.keys if owner else None


def _entry_field(sequence: int) -> str:
    return f"history/{sequence}"
