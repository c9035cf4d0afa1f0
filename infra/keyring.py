"""The keyring that a deployment is given: python -m infra.keyring new --kms-key ID | rotate --kms-key ID.

`new` prints the value of the template's parameter Keyring, made once for a stage. `rotate` reads the present
value from KHIDMAT_KEYRING and prints one with a new wrapping key: what was wrapped before stays readable.
"""

from __future__ import annotations

import argparse
import base64
import json
import secrets
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from joserfc.jwk import ECKey

from functions.settings import setting
from functions.storage import keyring, sealing

if TYPE_CHECKING:
    from collections.abc import Sequence


def new_content(now: datetime) -> bytes:
    """A ring of fresh secrets, not guarded yet: who keeps this reads everything."""
    name = _name(now)
    ring = {
        "current": name,
        "wrapping": {name: _base64(sealing.new_key())},
        "root": _base64(sealing.new_key()),
        "signing": _signing_key(),
        "ledger": _signing_key(),
    }
    return json.dumps(ring).encode()


def rotated(content: bytes, now: datetime) -> bytes:
    """The ring with another wrapping key for what is wrapped from now on."""
    ring = json.loads(content)
    name = _name(now)
    ring["wrapping"][name] = _base64(sealing.new_key())
    return json.dumps({**ring, "current": name}).encode()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.keyring", description=__doc__)
    parser.add_argument("command", choices=["new", "rotate"])
    parser.add_argument("--kms-key", required=True, help="id, ARN or alias of the KMS key that guards it")
    asked = parser.parse_args(arguments)
    now = datetime.now(UTC)
    is_new = asked.command == "new"
    content = new_content(now) if is_new else rotated(keyring.opened(setting("keyring")), now)
    print(keyring.guarded_by_kms(content, asked.kms_key))
    return 0


def _signing_key() -> dict[str, Any]:
    key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)
    return dict(key.as_dict(private=True))


def _name(now: datetime) -> str:
    return f"{now:%Y-%m}-{secrets.token_hex(2)}"


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


if __name__ == "__main__":
    sys.exit(main())
