"""The environment a function runs in, read when first needed and never at import.

Every name is explained in README.md, "Settings"; a test compares the two.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    stage: str
    issuer: str
    client_id: str
    jwks: str
    cursor_key: str
    authorize_url: str
    token_url: str
    base_url: str
    regroup_queue_url: str
    own_app: str


NAMES = {
    "stage": "KHIDMAT_STAGE",
    "issuer": "KHIDMAT_ISSUER",
    "client_id": "KHIDMAT_CLIENT_ID",
    "jwks": "KHIDMAT_JWKS",
    "cursor_key": "KHIDMAT_CURSOR_KEY",
    "authorize_url": "KHIDMAT_AUTHORIZE_URL",
    "token_url": "KHIDMAT_TOKEN_URL",
    "base_url": "KHIDMAT_BASE_URL",
    "regroup_queue_url": "KHIDMAT_REGROUP_QUEUE_URL",
    "own_app": "KHIDMAT_OWN_APP",
}
SHORTEST_CURSOR_KEY = 32


class SettingsError(Exception):
    """A setting is missing or unfit; the function must not start half-configured."""


@cache
def settings() -> Settings:
    """All settings. SettingsError names every missing one at once."""
    missing = [name for name in NAMES.values() if not os.environ.get(name)]
    if missing:
        raise SettingsError(f"set {', '.join(missing)} (README.md, Settings)")
    read = Settings(**{field: os.environ[name] for field, name in NAMES.items()})
    if len(read.cursor_key) < SHORTEST_CURSOR_KEY:
        raise SettingsError(f"{NAMES['cursor_key']} needs at least {SHORTEST_CURSOR_KEY} characters")
    return read


def stage() -> str:
    """The stage alone, for consumers that serve no request and so need nothing else."""
    return os.environ.get(NAMES["stage"], "") or settings().stage
