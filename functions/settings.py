"""The environment a function runs in, read when first needed and never at import.

Every name is explained in README.md, "Settings"; a test compares the two.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """What the API needs; "" for a setting that may be left out and was."""

    stage: str
    issuer: str
    client_id: str
    jwks: str
    cursor_key: str
    authorize_url: str
    token_url: str
    base_url: str
    regroup_queue_url: str
    codes_queue_url: str
    messages_queue_url: str
    evidence_bucket: str
    models_bucket: str
    own_app: str
    keyring: str
    key_file: str
    cors_origins: str
    open311_keys: str
    whatsapp_app_secret: str = ""
    whatsapp_verify_token: str = ""
    issues_url: str = ""

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Sites whose scripts may read the API's answers."""
        return frozenset(origin.strip() for origin in self.cors_origins.split(",") if origin.strip())

    @property
    def keys_of_open311(self) -> tuple[str, ...]:
        """Keys of which a report through Open311 needs one; none where anybody may send one."""
        return tuple(key.strip() for key in self.open311_keys.split(",") if key.strip())


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
    "codes_queue_url": "KHIDMAT_CODES_QUEUE_URL",
    "messages_queue_url": "KHIDMAT_MESSAGES_QUEUE_URL",
    "evidence_bucket": "KHIDMAT_EVIDENCE_BUCKET",
    "models_bucket": "KHIDMAT_MODELS_BUCKET",
    "own_app": "KHIDMAT_OWN_APP",
    "keyring": "KHIDMAT_KEYRING",
}
OPTIONAL = {
    "key_file": "KHIDMAT_KEY_FILE",
    "cors_origins": "KHIDMAT_CORS_ORIGINS",
    "open311_keys": "KHIDMAT_OPEN311_KEYS",
    "issues_url": "KHIDMAT_ISSUES_URL",
    "whatsapp_app_secret": "KHIDMAT_WHATSAPP_APP_SECRET",
    "whatsapp_verify_token": "KHIDMAT_WHATSAPP_VERIFY_TOKEN",
}
CONSUMERS = {
    "ledger_bucket": "KHIDMAT_LEDGER_BUCKET",
    "outbox": "KHIDMAT_OUTBOX",
    "sms_sender": "KHIDMAT_SMS_SENDER",
    "whatsapp_number_id": "KHIDMAT_WHATSAPP_NUMBER_ID",
    "whatsapp_token": "KHIDMAT_WHATSAPP_TOKEN",
    "whatsapp_template": "KHIDMAT_WHATSAPP_TEMPLATE",
    "whatsapp_notice_template": "KHIDMAT_WHATSAPP_NOTICE_TEMPLATE",
    "email_sender": "KHIDMAT_EMAIL_SENDER",
    "digest_to": "KHIDMAT_DIGEST_TO",
    "issues_kind": "KHIDMAT_ISSUES_KIND",
    "issues_secret": "KHIDMAT_ISSUES_SECRET",
    "issues_token": "KHIDMAT_ISSUES_TOKEN",
    "issues_project": "KHIDMAT_ISSUES_PROJECT",
    "play_account": "KHIDMAT_PLAY_ACCOUNT",
    "play_apps": "KHIDMAT_PLAY_APPS",
    "app_store_key": "KHIDMAT_APP_STORE_KEY",
    "app_store_apps": "KHIDMAT_APP_STORE_APPS",
}
"""What only a consumer or a schedule reads, each its own."""
ALL = {**NAMES, **OPTIONAL, **CONSUMERS}
SHORTEST_CURSOR_KEY = 32


class SettingsError(Exception):
    """A setting is missing or unfit; the function must not start half-configured."""


@cache
def settings() -> Settings:
    """All settings of the API. SettingsError names every missing one at once."""
    missing = [name for name in NAMES.values() if not os.environ.get(name)]
    if missing:
        raise SettingsError(f"set {', '.join(missing)} (README.md, Settings)")
    named = {**NAMES, **OPTIONAL}
    read = Settings(**{field: os.environ.get(name, "") for field, name in named.items()})
    if len(read.cursor_key) < SHORTEST_CURSOR_KEY:
        raise SettingsError(f"{NAMES['cursor_key']} needs at least {SHORTEST_CURSOR_KEY} characters")
    return read


def setting(field: str) -> str:
    """One setting alone, for consumers that serve no request; SettingsError names it when it is missing."""
    value = optional(field)
    if not value:
        raise SettingsError(f"set {ALL[field]} (README.md, Settings)")
    return value


def optional(field: str) -> str:
    """One setting, "" where it was left out."""
    return os.environ.get(ALL[field], "")


def stage() -> str:
    return setting("stage")
