"""What a local run says to the person who started it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import tokens

if TYPE_CHECKING:
    from infra.local.engines import Engine
    from infra.local.home import Home

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


def ready(base_url: str, engine: Engine, place: Home, host: str) -> str:
    """Return the table shown when the suite answers."""
    roles = ", ".join(dict.fromkeys(person.role for person in tokens.people()))
    rows = [
        ("Pages", f"{base_url}/   {base_url}/board"),
        ("API docs", f"{base_url}/docs"),
        ("Sign in", f"{base_url}/sign-in   as {roles}"),
        ("Outbox", f"{base_url}/local-outbox   one-time codes, as telephones would get them"),
        ("Token", "python -m infra.local token citizen   (any role; for curl)"),
        ("Engine", f"{engine.name} at {engine.url}: {engine.promise}"),
        ("Queues", "ministack: messages are kept when stopped by Ctrl-C"),
        ("Data", f"{_short(place.root)}   (logs in {_short(place.logs)})"),
    ]
    lines = ["", "Khidmat is running. Ctrl-C stops everything.", ""]
    lines += [f"  {label:<9} {text}" for label, text in rows]
    if engine.why:
        lines += ["", f"  ministack serves DynamoDB because {engine.why}."]
    if host not in LOOPBACK_HOSTS:
        lines += ["", f"  Anyone who reaches {host} can sign in as anyone: use it on a network you trust."]
    return "\n".join([*lines, ""])


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd())) + os.sep
    except ValueError:
        return str(path) + os.sep
