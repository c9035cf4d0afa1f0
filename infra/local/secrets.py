"""The secrets of a data folder: made once, kept for this user alone, and gone with the folder.

The keyring is guarded by a file instead of KMS. Whoever loses the file has lost what was sealed.
"""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local.home import Home, write_privately

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


def key_file(place: Home) -> Path:
    return place.keys / "keyring.key"


def keyring(place: Home) -> str:
    """The guarded ring, as the setting KHIDMAT_KEYRING takes it; made at the first start."""
    kept = place.keys / "keyring"
    if not kept.exists():
        _make(place, kept)
    return kept.read_text(encoding="ascii")


def _make(place: Home, kept: Path) -> None:

    from functions.storage import keyring as rings  # noqa: PLC0415 - loads cryptography
    from infra.keyring import new_content  # noqa: PLC0415 - as above

    if not key_file(place).exists():
        write_privately(key_file(place), base64.b64encode(os.urandom(KEY_BYTES)).decode())
    write_privately(kept, rings.guarded_by_file(new_content(datetime.now(UTC)), key_file(place)))
