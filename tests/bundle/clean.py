"""A bundle unzipped to an empty folder and run there as Lambda would: in a process with nothing else on its path."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

LAMBDA_PROCESS = Path(__file__).with_name("lambda_process.py")


def unzip(archive: Path, folder: Path) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


def run(folder: Path, calls: list[dict[str, Any]], environment: dict[str, str]) -> list[dict[str, Any]]:
    """Answers to `calls`, all made to one process that has `environment` and no other."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(LAMBDA_PROCESS), str(folder)],
        input="".join(json.dumps(call) + "\n" for call in calls),
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told, *answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert told == {"foreign": [], "version": [*sys.version_info[:2]]}
    return answers


def content_of(answer: dict[str, Any], status: int = 200) -> bytes:
    """The body a client would get of what the API's handler returned."""
    assert answer["statusCode"] == status, answer
    return base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"].encode()


def get(path: str, resource: str | None = None, **more: Any) -> dict[str, Any]:
    return request("GET", path, resource or path, **more)


def request(
    method: str,
    path: str,
    resource: str,
    *,
    parameters: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> dict[str, Any]:
    """A call of the API's handler with the whole event that a REST API sends.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    sent = {
        "Accept": "*/*",
        "Host": "abcdefghij.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "curl/8.5.0",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        **({"Content-Type": "application/json"} if body is not None else {}),
        **(headers or {}),
    }
    event = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": _context(method, path, resource, sent["User-Agent"]),
        # The gateway takes every body for binary (the API's binary types are */*) and so encodes it.
        "body": None if body is None else base64.b64encode(json.dumps(body).encode()).decode(),
        "isBase64Encoded": body is not None,
    }
    return {"handler": "app.app", "event": event}


def _context(method: str, path: str, resource: str, agent: str) -> dict[str, Any]:
    nobody = (
        "accessKey",
        "accountId",
        "caller",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "user",
        "userArn",
    )
    return {
        "accountId": "123456789012",
        "apiId": "abcdefghij",
        "domainName": "abcdefghij.execute-api.us-east-1.amazonaws.com",
        "domainPrefix": "abcdefghij",
        "extendedRequestId": "JKJaXmPLvHcESHA=",
        "httpMethod": method,
        "identity": {**dict.fromkeys(nobody), "sourceIp": "203.0.113.7", "userAgent": agent},
        "path": f"/api{path}",
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "requestTime": "02/Mar/2026:07:00:00 +0000",
        "requestTimeEpoch": 1_772_434_800_000,
        "resourceId": "abc123",
        "resourcePath": resource,
        "stage": "api",
    }
