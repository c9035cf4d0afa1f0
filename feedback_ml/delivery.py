"""Delivers records to the running suite over one kept connection, and says what became of each."""

from __future__ import annotations

import http.client
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feedback_ml.waiting import seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from feedback_ml.sources.changelogs import ReleaseLine
    from feedback_ml.sources.rows import Accepted

BATCH = 200
IMPORTS, REGROUP = "/v1/feedback/imports", "/v1/topics/regroup"
RELEASES = "/v1/releases/imports"
_TIMEOUT_SECONDS = 60
_TRIES = 6
_RECORD = re.compile(r"/records/(\d+)(/.*)?", re.ASCII)


class UnreachableError(Exception):
    """The suite did not answer, or did not let us in; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: added, unchanged, replaced or refused, with the reason of a refusal."""

    row: Accepted
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, the JSON body (an empty object where there is none), Retry-After."""

    status: int
    body: dict[str, Any]
    retry_after: str = ""


@dataclass(slots=True)
class Delivery:
    """One connection to the suite. `sleep` waits the given seconds; tests pass their own."""

    url: str
    token: str
    sleep: Callable[[float], None] = time.sleep
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def deliver(self, rows: Sequence[Accepted]) -> Iterator[Outcome]:
        """Send the rows in order and yield their outcomes batch by batch; UnreachableError ends it."""
        for start in range(0, len(rows), BATCH):
            yield from self._batch(rows[start : start + BATCH])

    def releases(
        self, app: str | None, lines: Sequence[ReleaseLine]
    ) -> Iterator[tuple[ReleaseLine, str, str]]:
        """Send a changelog and yield (line, outcome, reason of a refusal); UnreachableError ends it.

        Without an app they are releases of the suite's own.
        """
        for start in range(0, len(lines), BATCH):
            part = lines[start : start + BATCH]
            body: dict[str, Any] = {"releases": [line.as_json() for line in part]}
            answer = self._post(RELEASES, body | ({"app": app} if app else {}))
            results = answer.body.get("results")
            if answer.status != 200 or not isinstance(results, list) or len(results) != len(part):
                raise UnreachableError(f"{self.url} did not take the changelog: {_said(answer)}")
            for line, result in zip(part, results, strict=True):
                yield line, str(result.get("outcome", "refused")), str(result.get("reason") or "")

    def regroup(self, app: str) -> None:
        """Ask for the app's topics to be made anew; UnreachableError when that is refused."""
        answer = self._post(REGROUP, {"app": app})
        if answer.status not in {200, 202, 204}:
            raise UnreachableError(f"The records are in, but grouping {app} was refused: {_said(answer)}")

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _batch(self, rows: Sequence[Accepted]) -> Iterator[Outcome]:
        if not rows:
            return
        records = [row.feedback.model_dump(mode="json", exclude_none=True) for row in rows]
        answer = self._post(IMPORTS, {"records": records})
        if answer.status in {200, 201, 202}:
            yield from _outcomes(rows, answer)
        elif answer.status == 413 and len(rows) > 1:
            half = len(rows) // 2
            yield from self._batch(rows[:half])
            yield from self._batch(rows[half:])
        elif answer.status in {400, 413, 422}:
            faults = _faults(answer, len(rows))
            for at, reason in sorted(faults.items()):
                yield Outcome(rows[at], "refused", reason)
            yield from self._batch([row for at, row in enumerate(rows) if at not in faults])
        else:
            raise UnreachableError(f"{self.url} answered {_said(answer)}")

    def _post(self, path: str, body: dict[str, Any]) -> Answer:
        """Post until the answer is not "later"; a refused token and a silent host raise UnreachableError."""
        sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        for attempt in range(_TRIES):
            answer = self._once(path, sent)
            if answer.status in {401, 403}:
                raise UnreachableError(
                    f"{self.url} does not accept the token ({answer.status}): pass a product owner's "
                    "with --token, or make one with `python -m infra.local token product_owner`"
                )
            if answer.status not in {429, 503}:
                return answer
            if attempt < _TRIES - 1:
                self.sleep(seconds_to_wait(answer.retry_after, attempt, datetime.now(UTC)))
        raise UnreachableError(
            f"{self.url} is too busy: it asked {_TRIES} times to come back later. Try again."
        )

    def _once(self, path: str, sent: bytes) -> Answer:
        kept = self._connection is not None
        try:
            return self._exchange(path, sent)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not kept:
                raise self._silent(error) from None
        # A connection kept open may have been closed from the other side meanwhile: try once more.
        try:
            return self._exchange(path, sent)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> UnreachableError:
        if isinstance(error, TimeoutError):
            return UnreachableError(
                f"{self.url} took longer than {_TIMEOUT_SECONDS} seconds to answer. Try again."
            )
        return UnreachableError(
            f"Nothing answers at {self.url}: start it with `make run`, or use --dry-run / --out"
        )

    def _exchange(self, path: str, sent: bytes) -> Answer:
        parts = urlsplit(self.url)
        if self._connection is None:
            secure = parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            self._connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json, application/problem+json",
            "Authorization": f"Bearer {self.token}",
        }
        self._connection.request("POST", parts.path.rstrip("/") + path, body=sent, headers=headers)
        response = self._connection.getresponse()
        return Answer(response.status, _object(response.read()), response.getheader("Retry-After") or "")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _said(answer: Answer) -> str:
    told = [str(answer.body[key]) for key in ("title", "detail") if answer.body.get(key)]
    return ": ".join([str(answer.status), *told])


def _outcomes(rows: Sequence[Accepted], answer: Answer) -> Iterator[Outcome]:
    results = answer.body.get("results")
    if not isinstance(results, list) or len(results) != len(rows):
        raise UnreachableError(
            "The answer does not name an outcome for each record: is this the suite's address?"
        )
    for row, result in zip(rows, results, strict=True):
        yield Outcome(row, str(result.get("outcome", "refused")), str(result.get("reason") or ""))


def _faults(answer: Answer, count: int) -> dict[int, str]:
    """Give the reason of each record the problem points at; of every record when it points at none."""
    faults: dict[int, str] = {}
    for error in answer.body.get("errors") or []:
        found = _RECORD.fullmatch(str(error.get("pointer", "")))
        if found and int(found[1]) < count:
            where = (found[2] or "").strip("/")
            faults.setdefault(
                int(found[1]), f"{where}: {error.get('detail')}" if where else str(error.get("detail"))
            )
    return faults or dict.fromkeys(range(count), _said(answer))
