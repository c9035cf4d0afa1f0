"""What a start costs: CPU of a whole process from its first instruction to its first answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from infra.packaging.bundles import CURRENT, target_of
from tests import keys
from tests.bench.figures import Figure, at_most, middle, told
from tests.bench.stored import BODY, temporary
from tests.bundle import clean, cold_start
from tests.conftest import SETTINGS
from tests.people import pair

ROUNDS = 7
RATIO_GOAL, BUNDLE_MB_GOAL = 0.8, 25
FROM_SOURCE = """
import json, sys, time
from app import app

class Context:
    aws_request_id, function_name = "1", "khidmat"

answer = app(json.load(sys.stdin), Context())
print(json.dumps([answer["statusCode"], time.process_time() * 1000]))
"""
PLAIN = """
import json, time
import boto3

boto3.client("dynamodb").put_item(TableName="khidmat-test-cases", Item={"reference": {"S": "1"}})
print(json.dumps([201, time.process_time() * 1000]))
"""
ROOT = Path(__file__).resolve().parents[2]


def measure(cases: int) -> list[Figure]:
    headers = {"Authorization": f"Bearer {keys.citizen_token(public=pair('citizen-1').public)}"}
    lodge = clean.request("POST", "/v1/complaints", "/v1/complaints", headers=headers, body=BODY)
    with temporary() as folder, cold_start.agreeing_database() as url:
        settings = {**SETTINGS, **keys.SECRETS, "AWS_ENDPOINT_URL_DYNAMODB": url}
        return [*_from_source(lodge["event"], settings), *_bundle(folder, lodge, settings)]


def _from_source(event: dict, settings: dict[str, str]) -> list[Figure]:
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **settings}
    times: dict[str, list[float]] = {"ours": [], "plain": []}
    for counted in range(-1, ROUNDS):  # the first writes the bytecode, and is not counted
        for name, program in (("ours", FROM_SOURCE), ("plain", PLAIN)):
            spent = _cpu_ms(program, json.dumps(event), environment)
            if counted >= 0:
                times[name].append(spent)
    how = f"a new process from source, with bytecode, to its first 201; median of {ROUNDS}, CPU; database agrees at once"
    ours, plain = middle(times["ours"]), middle(times["plain"])
    return [
        told("start, from source", ours, "ms CPU", how),
        told("start, plain boto3 (client + put_item)", plain, "ms CPU", how),
        at_most("start, from source / plain boto3", ours / plain, "ratio", RATIO_GOAL, how),
    ]


def _cpu_ms(program: str, said: str, environment: dict[str, str]) -> float:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=said,
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    status, spent = json.loads(ran.stdout.splitlines()[-1])
    if status != 201:
        raise RuntimeError(f"the first answer was {status}")
    return float(spent)


def _bundle(folder: Path, lodge: dict, settings: dict[str, str]) -> list[Figure]:
    here = target_of(CURRENT)
    bundle = cold_start.built(folder / "with", here)
    plain = cold_start.plain_boto3(folder / "plain", here)
    nothing = {"handler": "plain.handler", "event": {}}
    ours: list[float] = []
    others: list[float] = []
    for _ in range(ROUNDS):
        ours.append(cold_start.cpu_ms(bundle, lodge, settings))
        others.append(cold_start.cpu_ms(plain, nothing, settings))
    megabytes = sum(file.stat().st_size for file in bundle.rglob("*") if file.is_file()) / 1e6
    how = f"the API bundle unzipped and run with nothing else on its path (tests.bundle.cold_start); median of {ROUNDS}, CPU"
    return [
        told("start, bundle", middle(ours), "ms CPU", how),
        at_most("start, bundle / plain boto3", middle(ours) / middle(others), "ratio", RATIO_GOAL, how),
        at_most("bundle, unzipped", megabytes, "MB", BUNDLE_MB_GOAL, "the files of the API bundle"),
    ]
