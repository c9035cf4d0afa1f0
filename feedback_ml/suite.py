"""Asks the running suite what the command line wants of it: JSON by requests of their own, a file by form."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from feedback_ml.delivery import UnreachableError
from feedback_ml.waiting import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_TIMEOUT_SECONDS = 60
_TRIES = 4
_LATER = frozenset({429, 503})


class RefusedError(ValueError):
    """The suite understood and will not; the message is its own."""


@dataclass(frozen=True, slots=True)
class Suite:
    """`sleep` waits the given seconds; tests pass their own."""

    url: str
    token: str
    sleep: Callable[[float], None] = time.sleep

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Read; RefusedError or UnreachableError."""
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode())

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every row of a list that is paged."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, {**query, **({"cursor": cursor} if cursor else {})})
            yield from page["items"]
            cursor = page["next"]

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Accept": "application/json, application/problem+json"}
        headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        for attempt in range(_TRIES):
            status, raw, retry_after = exchange(method, self.url + path, headers, body)
            if status not in _LATER:
                break
            if attempt < _TRIES - 1:
                self.sleep(seconds_to_wait(retry_after, attempt, datetime.now(UTC)))
        answer = _object(raw)
        if status < 300:
            return answer
        if status in {401, *_LATER} or status >= 500:
            raise UnreachableError(f"{self.url} answered {_said(status, answer)}")
        raise RefusedError(_said(status, answer))


def upload(form: Mapping[str, Any], content: bytes) -> None:
    """Send a file by a form that was signed for it (multipart/form-data, RFC 7578)."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form["fields"].items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    status, _, _ = exchange("POST", form["url"], headers, body)
    if status >= 300:
        raise UnreachableError(f"the file was not taken ({status}): offer it again")


def exchange(
    method: str, address: str, headers: Mapping[str, str], body: bytes | None
) -> tuple[int, bytes, str]:
    """Status, body and Retry-After of one request; UnreachableError where nothing answers."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path or "/", body=body, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read(), response.getheader("Retry-After") or ""
    except (OSError, http.client.HTTPException):
        raise UnreachableError(
            f"Nothing answers at {parts.scheme}://{parts.netloc}: start it with `make run`"
        ) from None
    finally:
        connection.close()


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _said(status: int, answer: Mapping[str, Any]) -> str:
    told = [str(answer[key]) for key in ("title", "detail") if answer.get(key)]
    fields = [f"{each.get('pointer')} {each.get('detail')}" for each in answer.get("errors") or []]
    return ": ".join([str(status), *told]) + (f" ({'; '.join(fields)})" if fields else "")
