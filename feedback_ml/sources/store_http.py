"""Asks a store's API: bounded in time, size and tries, at one host and never at another.

A redirect is not followed, a token is renewed once when it is refused, and what is temporary is asked again:
429 and 5xx after the time they name or a growing one, and an answer that is cut short or no JSON.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import random
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from feedback_ml.sources.pages import (
    AnswerBrokenError,
    AppUnknownError,
    KeyRefusedError,
    PositionRefusedError,
    SentElsewhereError,
    StoreBusyError,
    StoreUnreachableError,
)
from feedback_ml.waiting import seconds_to_wait

TRIES = 4
SECONDS = 20.0
MOST_BYTES = 8 * 1024 * 1024
STEP = 64 * 1024
Token = Callable[[bool], str]
"""A bearer token; a new one when asked with True."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    retry_after: str = ""


class _BrokenError(Exception):
    """The answer cannot be used; the next one may."""


@dataclass(frozen=True, slots=True)
class StoreHttp:
    """One store's host. `origin` is https://host, or http:// on the loopback; `sleep` waits seconds."""

    origin: str
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    now: Callable[[], datetime] = _now
    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES

    def get(self, target: str, token: Token) -> dict[str, Any]:
        """Read the JSON object at `target`, a path with its query. StoreError, by its kind, otherwise."""
        held = token(False)
        answer = self._asked("GET", target, {"Authorization": f"Bearer {held}"})
        if answer.status == http.client.UNAUTHORIZED:
            # A token may end early, or with a key that was changed: once anew, and no more.
            answer = self._asked("GET", target, {"Authorization": f"Bearer {token(True)}"})
        return _object(answer)

    def post_form(self, target: str, fields: dict[str, str]) -> dict[str, Any]:
        """Post a form; KeyRefusedError for any refusal: here nothing but the key can be wrong."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._asked("POST", target, headers, urlencode(fields).encode())
        if http.client.BAD_REQUEST <= answer.status < http.client.INTERNAL_SERVER_ERROR:
            raise KeyRefusedError(str(answer.status))
        return _object(answer)

    def target_of(self, address: str) -> str:
        """Path and query of an address at this very origin; SentElsewhereError for any other."""
        parts = urlsplit(address)
        if f"{parts.scheme}://{parts.netloc}" != self.origin or not parts.path.startswith("/"):
            raise SentElsewhereError("another host")
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _asked(self, method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        failure: Exception = StoreUnreachableError("never asked")
        for attempt in range(TRIES):
            retry_after = ""
            try:
                answer = self._once(method, target, headers, body)
            except _BrokenError as error:
                failure = AnswerBrokenError(str(error))
            except (OSError, http.client.HTTPException) as error:
                failure = StoreUnreachableError(type(error).__name__)
            else:
                if answer.status != 429 and answer.status < http.client.INTERNAL_SERVER_ERROR:
                    return answer
                failure, retry_after = StoreBusyError(str(answer.status)), answer.retry_after
            if attempt < TRIES - 1:
                self.sleep(seconds_to_wait(retry_after, attempt, self.now(), self.jitter()))
        raise failure

    def _once(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> Answer:
        connection = self._connection()
        deadline = time.monotonic() + self.seconds
        try:
            sent = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
            connection.request(method, target, body, sent)
            response = connection.getresponse()
            if 300 <= response.status < 400:
                raise SentElsewhereError(str(response.status))
            raw = self._content(response, deadline)
        finally:
            connection.close()
        # What a refusal says is not needed, and a busy server may say it in HTML.
        body_read = _json(raw) if response.status < 300 else None
        return Answer(response.status, body_read, response.getheader("Retry-After") or "")

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.origin)
        host = parts.netloc
        if parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, timeout=self.seconds, context=context)
        if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
            return http.client.HTTPConnection(host, timeout=self.seconds)
        raise SentElsewhereError("not https")

    def _content(self, response: http.client.HTTPResponse, deadline: float) -> bytes:
        expected = response.length
        content = bytearray()
        while part := response.read1(STEP):
            content += part
            if len(content) > self.most_bytes:
                raise _BrokenError("too large")
            if time.monotonic() > deadline:
                raise _BrokenError("too slow")
        if expected is not None and len(content) < expected:
            raise _BrokenError("cut short")
        return bytes(content)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise _BrokenError("not JSON") from None


def _object(answer: Answer) -> dict[str, Any]:
    if answer.status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
        raise KeyRefusedError(str(answer.status))
    if answer.status == http.client.NOT_FOUND:
        raise AppUnknownError(str(answer.status))
    if answer.status >= http.client.BAD_REQUEST:
        raise PositionRefusedError(str(answer.status))
    if not isinstance(answer.body, dict):
        raise AnswerBrokenError("no object")
    return answer.body
