"""The database's answers, recorded once and given again at once: what is left of a request's time is ours."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session


@dataclass
class Recorded:
    """The last answer to each kind of request, as it came off the wire, and how often it was given again."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)

    def keep(self, operation: str, answer: AWSResponse) -> None:
        self.answers[operation] = (answer.status_code, dict(answer.headers), answer.content)

    def give(self, operation: str, url: str) -> AWSResponse:
        status, headers, content = self.answers[operation]
        self.given[operation] += 1
        answer = AWSResponse(url, status, headers, None)
        answer._content = content
        return answer


def _operation(request: AWSPreparedRequest) -> str:
    """The call and its table: a request that reads a case reads its person too."""
    target = request.headers["X-Amz-Target"]
    name = target.decode() if isinstance(target, bytes) else str(target)
    return f"{name} {json.loads(request.body).get('TableName', '')}"


@contextmanager
def recording(recorded: Recorded) -> Iterator[None]:
    real = URLLib3Session.send

    def send(self: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        answer = real(self, request)
        recorded.keep(_operation(request), answer)
        return answer

    URLLib3Session.send = send
    try:
        yield
    finally:
        URLLib3Session.send = real


@contextmanager
def replaying(recorded: Recorded) -> Iterator[None]:
    """No socket is used within the block; a request that was not recorded is a KeyError."""
    real = URLLib3Session.send

    def send(_: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        return recorded.give(_operation(request), request.url)

    URLLib3Session.send = send
    try:
        yield
    finally:
        URLLib3Session.send = real
