"""Stores that answer on the loopback in the shapes that Google Play and App Store Connect answer in."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from feedback_ml.sources.app_store_api import AppStoreReviews, ConnectKey
from feedback_ml.sources.play_api import PlayReviews, ServiceAccount
from feedback_ml.sources.store_http import StoreHttp

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
APP, APP_ID = "pk.khidmat.app", "1234567890"


@cache
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048)


@cache
def ec_key() -> ECKey:
    return ECKey.generate_key("P-256")


def account_text() -> str:
    pem = rsa_key().as_pem(private=True).decode()
    return json.dumps({"client_email": "reader@project.example", "private_key": pem})


def connect_text() -> str:
    pem = ec_key().as_pem(private=True).decode()
    return json.dumps({"issuer_id": "issuer-1", "key_id": "KEY1", "private_key": pem})


@dataclass(frozen=True)
class Said:
    """One scripted answer; `promised` is a Content-Length that may be a lie."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    promised: int | None = None


@dataclass
class FakeStore:
    """Keeps reviews, gives them page by page, and first of all what `script` says."""

    url: str = ""
    reviews: list[dict[str, Any]] = field(default_factory=list)
    rows_a_page: int = 2
    script: list[Said] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    tokens_given: int = 0
    token_script: list[Said] = field(default_factory=list)

    def answer(self, method: str, target: str, body: bytes, bearer: str) -> Said:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if method == "POST":
            return self._token(dict(parse_qsl(body.decode())))
        self.asked.append((parts.path, query, bearer))
        if self.script:
            return self.script.pop(0)
        return self._apple(parts.path, query) if parts.path.startswith("/v1/") else self._play(query)

    def _token(self, form: dict[str, str]) -> Said:
        if self.token_script:
            return self.token_script.pop(0)
        claims = jwt.decode(form["assertion"], rsa_key(), algorithms=["RS256"]).claims
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        assert claims["iss"] == "reader@project.example"
        assert claims["exp"] - claims["iat"] <= 3600
        self.tokens_given += 1
        said = {"access_token": f"token-{self.tokens_given}", "expires_in": 3599, "token_type": "Bearer"}
        return Said(body=said)

    def _play(self, query: dict[str, str]) -> Said:
        start = int(query.get("token", "0"))
        rows = self.reviews[start : start + self.rows_a_page]
        body: dict[str, Any] = {"reviews": rows, "pageInfo": {"resultPerPage": len(rows)}} if rows else {}
        if start + self.rows_a_page < len(self.reviews):
            body["tokenPagination"] = {"nextPageToken": str(start + self.rows_a_page)}
        return Said(body=body)

    def _apple(self, path: str, query: dict[str, str]) -> Said:
        assert query["sort"] == "-createdDate"
        start = int(query.get("cursor", "0"))
        ordered = sorted(self.reviews, key=lambda row: row["attributes"]["createdDate"], reverse=True)
        rows, links = ordered[start : start + self.rows_a_page], {"self": f"{self.url}{path}"}
        if start + self.rows_a_page < len(ordered):
            links["next"] = (
                f"{self.url}{path}?cursor={start + self.rows_a_page}&sort=-createdDate&limit={query['limit']}"
            )
        return Said(body={"data": rows, "links": links, "meta": {"paging": {"total": len(ordered)}}})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        bearer = (self.headers["Authorization"] or "").removeprefix("Bearer ")
        said = self.server.store.answer(self.command, self.path, body, bearer)
        raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        self.send_response(said.status)
        self.send_header("Content-Type", "application/json")
        for name, value in said.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw) if said.promised is None else said.promised))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.store = FakeStore(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server.store
    server.shutdown()
    server.server_close()
    thread.join()


def http(store: FakeStore, waits: list[float] | None = None, **more: Any) -> StoreHttp:
    slept = [] if waits is None else waits
    return StoreHttp(store.url, sleep=slept.append, jitter=lambda: 0.0, now=lambda: NOW, **more)


def play(store: FakeStore, waits: list[float] | None = None) -> PlayReviews:
    account = ServiceAccount.read(account_text())
    return PlayReviews(APP, account, http=http(store, waits), tokens=http(store, waits))


def app_store(store: FakeStore, waits: list[float] | None = None) -> AppStoreReviews:
    return AppStoreReviews(APP_ID, APP, ConnectKey.read(connect_text()), http=http(store, waits))


def play_review(number: int, at: datetime = NOW, *, text: str = "", **changes: Any) -> dict[str, Any]:
    seconds = int(at.timestamp())
    comment = {
        "text": text or f"\tThe code never arrives, {number} times",
        "lastModified": {"seconds": str(seconds), "nanos": 123_456_789},
        "starRating": 1,
        "reviewerLanguage": "en",
        "device": "klte",
        "androidOsVersion": 33,
        "appVersionCode": 210,
        "appVersionName": "2.1",
    } | changes
    answer = {"developerComment": {"text": "Thank you", "lastModified": {"seconds": str(seconds + 9)}}}
    return {
        "reviewId": f"gp:review-{number}",
        "authorName": "A Sample Name",
        "comments": [{"userComment": {k: v for k, v in comment.items() if v is not None}}, answer],
    }


def apple_review(number: int, at: datetime = NOW, **changes: Any) -> dict[str, Any]:
    attributes = {
        "rating": 2,
        "title": "Slow",
        "body": f"It hangs for {number} minutes",
        "reviewerNickname": f"nick {number}",
        "createdDate": at.isoformat(),
        "territory": "PAK",
    } | changes
    return {
        "type": "customerReviews",
        "id": f"apple-{number}",
        "attributes": attributes,
        "relationships": {"response": {"links": {}}},
    }
