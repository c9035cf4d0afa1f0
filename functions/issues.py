"""The request that makes an issue in a tracker: GitHub's, Jira's, or of any that takes our own form.

Signed as GitHub signs its own (HMAC-SHA-256 of the body), and named by a delivery that stays the same however
often it is sent, so that whoever takes it can tell a second from a first.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from functions import outbound
from functions.outbound import OutboundError
from functions.settings import optional
from functions.storage.providers import NotTakenError

KINDS = ("generic", "github", "jira")
NEEDED = ("issues_url", "issues_secret")
SIGNATURE, DELIVERY = "X-Khidmat-Signature-256", "X-Khidmat-Delivery"
SECONDS = 4.0
TITLE_LENGTH = 200
JIRA_TYPES = {"bug": "Bug", "performance": "Bug"}
OTHER_TYPE = "Task"


def send(words: Mapping[str, str]) -> None:
    """NotTakenError when it was not taken for certain, or nobody can tell: then it is sent again.

    Again rather than never: a second issue can be closed, and of one that was lost nobody knows.
    """
    address = optional("issues_url")
    body = json.dumps(_form(words), ensure_ascii=False).encode()
    try:
        answer = outbound.post(
            address,
            body,
            frozenset({urlsplit(address).netloc}),
            headers=_headers(body, words["delivery"]),
            seconds=SECONDS,
        )
    except OutboundError as error:
        raise NotTakenError(type(error).__name__) from None
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise NotTakenError(str(answer.status))


def kind() -> str:
    """Of KINDS; our own form where none, or none of these, is named."""
    wanted = optional("issues_kind")
    return wanted if wanted in KINDS else KINDS[0]


def signature(body: bytes) -> str:
    key = optional("issues_secret").encode()
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def _headers(body: bytes, delivery: str) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "khidmat",
        SIGNATURE: signature(body),
        DELIVERY: delivery,
    }
    if kind() == "github":
        headers |= {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token := optional("issues_token"):
        headers["Authorization"] = f"{'Basic' if kind() == 'jira' else 'Bearer'} {token}"
    return headers


def _form(words: Mapping[str, str]) -> dict[str, object]:
    title, text = words["name_en"][:TITLE_LENGTH], _text(words)
    if kind() == "github":
        # https://docs.github.com/en/rest/issues/issues#create-an-issue
        return {"title": title, "body": text, "labels": ["khidmat", words["type"]]}
    if kind() == "jira":
        # https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-post
        fields = {
            "project": {"key": optional("issues_project")},
            "issuetype": {"name": JIRA_TYPES.get(words["type"], OTHER_TYPE)},
            "summary": title.replace("\n", " "),
            "description": text,
            "labels": ["khidmat"],
        }
        return {"fields": fields}
    return {"event": "topic.accepted", "topic": dict(words)}


def _text(words: Mapping[str, str]) -> str:
    named = {"people": "People", "texts": "Texts", "severity": "Mean severity (1 to 5)", "score": "Score"}
    lines = [
        words["name_ur"],
        "",
        f"Type: {words['type']}, area: {words['area']}, rank: {words['rank']}",
        *(f"{name}: {words[key]}" for key, name in named.items() if key in words),
        *([f"Why: {words['reason']}"] if words["reason"] else []),
        "",
        words["link"],
        f"Delivery {words['delivery']}",
    ]
    return "\n".join(lines)
