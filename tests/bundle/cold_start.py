"""What a cold start costs: python -m tests.bundle.cold_start [--rounds 7]

CPU of a whole process, from its start to its first answer: a complaint lodged, token checked, one row written.
The database is a stand-in that says yes at once, in this process, so that only the function's own work counts.
Beside the bundle: the same without bytecode, and plain boto3 (with bytecode, untrimmed) that writes one row.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from infra import build
from infra.packaging import archive, dependencies
from infra.packaging.bundles import API, CURRENT, Target, target_of
from tests import keys
from tests.bundle import clean
from tests.conftest import SETTINGS
from tests.factories import complaint_body
from tests.people import pair

PLAIN = """
import boto3

def handler(event, context):
    boto3.client("dynamodb").put_item(TableName="khidmat-test-cases", Item={"reference": {"S": "1"}})
    return {"statusCode": 201}
"""


class Agreeing(BaseHTTPRequestHandler):
    """A database that has done whatever it is asked to."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def agreeing_database() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agreeing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def built(folder: Path, target: Target) -> Path:
    (packed,) = build.build(target, "dev", folder / "out", folder / "work", [API])
    return clean.unzip(packed.path, folder / "unzipped")


def plain_boto3(folder: Path, target: Target) -> Path:
    """The locked boto3 as its wheels are, with bytecode, and a handler of five lines."""
    dependencies.install(API, target, folder)
    (folder / "plain.py").write_text(PLAIN)
    archive.add_bytecode(folder, sys.executable, keeps_sources=True, own=frozenset())
    return folder


def cpu_ms(folder: Path, call: dict, environment: dict[str, str]) -> float:
    (answer,) = clean.run(folder, [call], environment)
    assert answer["returned"]["statusCode"] == 201, answer
    return answer["cpu_ms"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bundle.cold_start")
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    headers = {"Authorization": f"Bearer {keys.citizen_token(public=pair('citizen-1').public)}"}
    lodge = clean.request("POST", "/v1/complaints", "/v1/complaints", headers=headers, body=complaint_body())
    here = target_of(CURRENT)
    with tempfile.TemporaryDirectory() as temporary, agreeing_database() as url:
        place = Path(temporary)
        subjects = {
            "API bundle": (built(place / "with", here), lodge),
            "API bundle without bytecode": (built(place / "without", replace(here, compiler=None)), lodge),
            "plain boto3": (plain_boto3(place / "plain", here), {"handler": "plain.handler", "event": {}}),
        }
        environment = {**SETTINGS, **keys.SECRETS, "AWS_ENDPOINT_URL_DYNAMODB": url}
        measured: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(rounds):  # in turn, so that a busy moment falls on all of them
            for name, (folder, call) in subjects.items():
                measured[name].append(cpu_ms(folder, call, environment))
    middle = {name: statistics.median(times) for name, times in measured.items()}
    print(f"{'process to first answer':<30}{'CPU ms':>8}{'best':>8}{'of plain boto3':>16}  ({rounds} rounds)")
    for name, times in measured.items():
        print(
            f"{name:<30}{middle[name]:>8.0f}{min(times):>8.0f}{middle[name] / middle['plain boto3']:>16.2f}"
        )


if __name__ == "__main__":
    main()
