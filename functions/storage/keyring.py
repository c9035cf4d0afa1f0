"""The keyring: every secret of the product in one blob that KMS guards, opened once a process.

Locally a key file takes KMS's place. A request finds the ring open: no warm request calls KMS.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import SettingsError, setting, stage
from functions.storage import sealing
from functions.storage.tables import StoreFailureError

CONTEXT = {"khidmat": "keyring"}
"""KMS opens the blob for this context alone, and writes it into its own log."""
BY_KMS, BY_FILE = "kms:", "file:"
FILE_STAGES = frozenset({"dev", "test"})
PLACE = ("keyring", "local")


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Opened secrets. Nothing here is ever logged: there is no repr."""

    wrapping: dict[str, bytes]
    """Wrapping keys by name: what is wrapped under an old one stays readable."""
    current: str
    root: bytes
    signing: dict[str, Any]
    """Private JWK (EC P-256) that signs citizens' tokens."""
    ledger: dict[str, Any]
    """Private JWK (EC P-256) that signs the audit ledger's daily roots."""

    def index(self, kind: str, value: str) -> str:
        """Blind index: the same value finds the same row, and nobody without the ring can try values.

        26 characters of base32 (130 bits of HMAC-SHA256), bound to the kind of value.
        """
        return self._mac("index", kind, value)

    def digest(self, use: str, *parts: str) -> str:
        return self._mac(use, *parts)

    def key_for(self, use: str) -> bytes:
        return sealing.derived(self.root, use)

    def _mac(self, use: str, *parts: str) -> str:
        made = hmac.new(self.key_for(use), json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256)
        return base64.b32encode(made.digest()).decode().lower()[:26]


@cache
def keyring() -> Keyring:
    """SettingsError when the setting cannot be read; StoreFailureError when KMS does not answer."""
    return read(opened(setting("keyring")))


def forget() -> None:
    """For tests and for a rotation: opens the ring anew at the next use."""
    keyring.cache_clear()


def opened(guarded: str) -> bytes:
    form = next((form for form in (BY_KMS, BY_FILE) if guarded.startswith(form)), "")
    try:
        blob = base64.b64decode(guarded.removeprefix(form), validate=True)
    except binascii.Error:
        raise SettingsError("KHIDMAT_KEYRING is not base64 after its first word") from None
    if form == BY_KMS:
        return _by_kms(blob)
    if form == BY_FILE and stage() in FILE_STAGES:
        return _by_file(blob)
    raise SettingsError("KHIDMAT_KEYRING begins with kms: (or file: in a local run)")


def read(content: bytes) -> Keyring:
    ring = json.loads(content)
    return Keyring(
        wrapping={name: base64.b64decode(key) for name, key in ring["wrapping"].items()},
        current=ring["current"],
        root=base64.b64decode(ring["root"]),
        signing=ring["signing"],
        ledger=ring["ledger"],
    )


def guarded_by_file(content: bytes, key_file: Path) -> str:
    key = base64.b64decode(key_file.read_text(encoding="ascii"))
    return BY_FILE + base64.b64encode(sealing.wrap(key, content, *PLACE)).decode()


def guarded_by_kms(content: bytes, key_id: str) -> str:
    """The blob under a KMS key: at most 4,096 bytes are taken."""
    answer = _kms().encrypt(KeyId=key_id, Plaintext=content, EncryptionContext=CONTEXT)
    return BY_KMS + base64.b64encode(answer["CiphertextBlob"]).decode()


def _by_kms(blob: bytes) -> bytes:
    try:
        return bytes(_kms().decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"])
    except (BotoCoreError, ClientError) as error:
        raise StoreFailureError(type(error).__name__) from error


def _by_file(blob: bytes) -> bytes:
    path = os.environ.get("KHIDMAT_KEY_FILE", "")
    if not path:
        raise SettingsError("set KHIDMAT_KEY_FILE (README.md, Settings)")
    try:
        return sealing.unwrap(base64.b64decode(Path(path).read_text(encoding="ascii")), blob, *PLACE)
    except (OSError, sealing.UnsealedError):
        raise SettingsError("KHIDMAT_KEY_FILE does not open KHIDMAT_KEYRING") from None


def _kms() -> Any:
    return botocore.session.get_session().create_client(
        "kms", config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2})
    )
