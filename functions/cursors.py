"""Opaque, signed positions in a list, bound to the list, and to the caller where lists differ by caller."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from functions.domain.errors import FieldFault, InvalidRequest
from functions.settings import settings

SIGNATURE_BYTES = 16


def encode(position: str | None, *bound_to: str) -> str | None:
    """The cursor for `position`; None stays None, the end of the list."""
    if position is None:
        return None
    payload = json.dumps(position, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_signature(payload, bound_to) + payload).decode().rstrip("=")


def decode(cursor: str | None, *bound_to: str) -> str | None:
    """The position in a cursor made by us for the same list and caller; InvalidRequest for any other."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest(FieldFault("?cursor", "bad_cursor")) from None
    signature, payload = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(payload, bound_to)):
        raise InvalidRequest(FieldFault("?cursor", "bad_cursor"))
    return str(json.loads(payload))


def _signature(payload: bytes, bound_to: tuple[str, ...]) -> bytes:
    key = settings().cursor_key.encode()
    said = json.dumps(bound_to).encode() + b"\x00" + payload
    return hmac.new(key, said, hashlib.sha256).digest()[:SIGNATURE_BYTES]
