"""The page of a local run that shows which messages went to whom: nothing is really sent.

Read without a script: the browser asks again by itself.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.issuer import PRIVATE, STYLE, STYLE_HASH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from infra.local.home import Home

PATH = "/local-outbox"
MOST_SHOWN = 50
REFRESH_SECONDS = 3
CHANNELS = {"sms": "SMS", "whatsapp": "WhatsApp", "email": "E-mail"}


@dataclass(frozen=True, slots=True)
class Outbox:
    """A WSGI application."""

    place: Home

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        allowed = method in {"GET", "HEAD"}
        body = (self.page() if allowed else "Read it with GET.").encode()
        policy = (
            f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'none'; "
            "frame-ancestors 'none'; base-uri 'none'"
        )
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", policy),
            *PRIVATE,
        ]
        start_response("200 OK" if allowed else "405 Method Not Allowed", headers)
        return [] if method == "HEAD" else [body]

    def page(self) -> str:
        messages = self.messages()
        listed = "".join(map(_shown, messages)) or "<p>Nothing was sent yet.</p>"
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Outbox - Khidmat</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}"><style>{STYLE}</style></head>'
            "<body><main><h1>What was sent to people</h1>"
            "<p>Nothing leaves this machine. The newest is on top; the page looks again by itself.</p>"
            f"{listed}</main></body></html>"
        )

    def messages(self) -> list[dict[str, str]]:
        """Return the newest messages, newest first. A file that goes meanwhile is passed over."""
        found = []
        for path in sorted(self.place.outbox.glob("*.json"), reverse=True)[:MOST_SHOWN]:
            try:
                found.append(json.loads(path.read_text(encoding="utf-8")))
            except (OSError, ValueError):
                continue
        return found


def _shown(message: dict[str, str]) -> str:
    channel = CHANNELS.get(message["channel"], message["channel"])
    return (
        f"<h2>{html.escape(message['to'])}</h2>"
        f'<p dir="auto">{html.escape(message["text"])}</p>'
        f"<small>{html.escape(channel)}, {html.escape(message['at'])}</small>"
    )
