"""The only place that fetches an address. Only from hosts that its caller lists, whatever the address says.

An address may come from outside (a picture's, a page's), and a server that fetches what it is told can be
sent to its own network or its cloud's metadata (OWASP API Security, 2023, API7). So the host is compared as
it stands with the list; nothing is resolved, decoded or mended first, and what is connected to is the entry
of the list. HTTPS alone, but for the local issuer of a `dev` stage.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from functions.settings import stage

SECONDS = 5.0
MOST_BYTES = 64 * 1024
LONGEST_ADDRESS = 2_048
READABLE = re.compile(r"[!-\[\]-~]+", re.ASCII)
"""ASCII that is seen, and no backslash: readers of addresses differ over all other letters."""
LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\]):[0-9]{2,5}", re.ASCII)
STEP = 16 * 1024


class OutboundError(OSError):
    """The address was not fetched. Carries no address, for it may be somebody's."""


class AddressRefusedError(OutboundError):
    """The address names no host of the list, or not in the plain form; nothing was connected to."""


class RedirectRefusedError(OutboundError):
    """The host sent us on to another address; nobody follows."""


class AnswerTooLargeError(OutboundError):
    """The answer is larger than its caller takes."""


class HostUnreachableError(OutboundError):
    """The host did not answer, not in time, or not as HTTP."""


class NotConnectedError(HostUnreachableError):
    """There was no connection to the host: it was asked nothing."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status (no redirect), its media type in small letters without parameters, its body."""

    status: int
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """What is connected to: `host` is an entry of the list, with its port where that is not 443."""

    host: str
    target: str
    secure: bool


def get(
    address: str, hosts: frozenset[str], *, seconds: float = SECONDS, most_bytes: int = MOST_BYTES
) -> Fetched:
    """What is at `address`. OutboundError, by its name, when it is not had.

    `hosts` are names in their ASCII form: "example.org", or "example.org:8443" for another port than 443.
    `seconds` is for each wait, and for the whole of the answer.
    """
    return _fetch(_checked(address, hosts), None, {}, seconds, most_bytes)


def post(
    address: str,
    body: bytes,
    hosts: frozenset[str],
    *,
    headers: Mapping[str, str],
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Fetched:
    """The answer to `body`, as `get`."""
    return _fetch(_checked(address, hosts), body, headers, seconds, most_bytes)


def _checked(address: str, hosts: frozenset[str]) -> _Place:
    if len(address) > LONGEST_ADDRESS or not READABLE.fullmatch(address):
        raise AddressRefusedError("unreadable")
    try:
        parts = urlsplit(address)
    except ValueError:
        raise AddressRefusedError("unreadable") from None
    secure = parts.scheme == "https"
    # As a whole, with whatever user, port or dot it carries: what is not the entry to the letter is refused.
    named = parts.netloc.casefold()
    host = named.removesuffix(":443") if secure else named
    if not host or host not in {entry.casefold().removesuffix(":443") for entry in hosts}:
        raise AddressRefusedError("host not listed")
    if not secure and not (parts.scheme == "http" and stage() == "dev" and LOOPBACK.fullmatch(host)):
        raise AddressRefusedError("not https")
    target = parts.path or "/"
    return _Place(host, f"{target}?{parts.query}" if parts.query else target, secure)


def _fetch(
    place: _Place, body: bytes | None, headers: Mapping[str, str], seconds: float, most_bytes: int
) -> Fetched:
    deadline = time.monotonic() + seconds
    connection = _connection(place, seconds)
    try:
        _connect(connection)
        method = "GET" if body is None else "POST"
        connection.request(method, place.target, body, {"Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
            raise RedirectRefusedError(str(answer.status))
        content = _content(answer, most_bytes, deadline)
    except OutboundError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise HostUnreachableError(type(error).__name__) from None
    finally:
        connection.close()
    return Fetched(answer.status, answer.headers.get_content_type(), content)


def _connect(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise NotConnectedError(type(error).__name__) from None


def _connection(place: _Place, seconds: float) -> http.client.HTTPConnection:
    # Not urllib: it follows redirects, and a proxy that the environment names.
    if place.secure:
        return http.client.HTTPSConnection(place.host, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(place.host, timeout=seconds)


def _content(answer: http.client.HTTPResponse, most_bytes: int, deadline: float) -> bytes:
    length = answer.length  # None where only the end of the connection ends the answer
    if length is not None and length > most_bytes:
        raise AnswerTooLargeError(str(most_bytes))
    content = b""
    # One receipt at a time: whoever sends a letter a second must not hold us longer than agreed.
    while part := answer.read1(STEP if length is None else min(STEP, length - len(content))):
        content += part
        if len(content) > most_bytes:
            raise AnswerTooLargeError(str(most_bytes))
        if time.monotonic() > deadline:
            raise HostUnreachableError("too slow")
    if length is not None and len(content) < length:
        raise HostUnreachableError("cut short")
    return content
