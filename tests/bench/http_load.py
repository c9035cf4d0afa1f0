"""Requests a second of the whole suite over HTTP, with eight clients in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.storage.people import Person
from tests.bench.figures import Figure, at_least, at_most, percentile, told
from tests.bench.stored import BODY, Row, citizen_bearer, fill, sign_in, store, suite, temporary

CLIENTS, OWN = 8, 50
SECONDS, MOST = 8.0, 20_000
OTHERS_HAVE = 20
GOALS = {"create": 169.0, "read": 279.0, "list of 25": 107.0}
"""The best that Django REST + PostgreSQL did with eight clients and 100,000 cases (goals of the project)."""
P99_MS = 100.0
ROOT = Path(__file__).resolve().parents[2]


def measure(cases: int) -> list[Figure]:
    own = [f"bench-client-{number % CLIENTS}" for number in range(CLIENTS * OWN)]
    others = [f"bench-other-{number // OTHERS_HAVE}" for number in range(max(0, cases - len(own)))]
    with temporary() as folder:
        with store(folder / "var") as made:
            fill(made, others, datetime.now(UTC), "others")
            rows = fill(made, own, datetime.now(UTC), "own")
            signed_in = [sign_in(name) for name in dict.fromkeys(own)]
            engine = made.name
        with suite(folder / "var") as run:
            phases = _clients(_plan(signed_in, run.port, rows))
    figures = []
    for phase, seen in phases.items():
        figures += _figures(phase, seen, engine, len(rows) + len(others))
    return figures


def _plan(signed_in: list[Person], port: int, rows: list[Row]) -> dict[str, Any]:
    base_url = f"http://localhost:{port}"
    clients = [
        {
            "token": citizen_bearer(person, base_url),
            "references": [row.reference for row in rows if row.owner == person.person],
        }
        for person in signed_in
    ]
    return {"port": port, "seconds": SECONDS, "most": MOST, "body": BODY, "clients": clients}


def _clients(plan: dict[str, Any]) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.clients"],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=3 * (SECONDS + 15) + 60,
        check=True,
    )
    phases: dict[str, Any] = json.loads(ran.stdout)
    wrong = [each for seen in phases.values() for each in seen["wrong"]]
    if wrong:
        raise RuntimeError("; ".join(wrong))
    return phases


def _figures(phase: str, seen: dict[str, Any], engine: str, stored: int) -> list[Figure]:
    times = [second * 1000 for second in seen["seconds"]]
    how = (
        f"python -m infra.local run on {engine}, {stored:,} cases stored, {CLIENTS} keep-alive clients for "
        f"{SECONDS:g} s in a process of their own on the same cores; consumers of the stream at work beside it"
    )
    name = f"http {phase}:"
    return [
        at_least(f"{name} requests", len(times) / seen["elapsed"], "/s", GOALS[phase], how),
        told(f"{name} p50", percentile(times, 0.5), "ms", how),
        at_most(f"{name} p99", percentile(times, 0.99), "ms", P99_MS, how),
        told(f"{name} clients' own CPU", seen["own_cpu"] / seen["elapsed"] * 100, "% of a core", how),
    ]
