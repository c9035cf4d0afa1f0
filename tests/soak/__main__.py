"""The long tests: python -m tests.soak [--kills 50] [--contract 150] [--json FILE].

Kills the local suite under load and looks for every answered write; sends many cases made from the OpenAPI document.
Each part is bounded; a part that finds something makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure, at_least, at_most, table, told
from tests.faults import kill
from tests.soak import counted

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = "tests/functions/test_contract.py"
CASES_GOAL = 2_000
SECONDS_A_KILL, SECONDS_A_CASE, SECONDS_AT_LEAST = 20.0, 0.5, 300.0
KILLED_AT_LEAST = 50


def kills(rounds: int) -> list[Figure]:
    """SIGKILL in the middle of writing, `rounds` times on one data folder that grows."""
    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"  {text}", file=sys.stderr, flush=True)
        if time.monotonic() - begun > SECONDS_AT_LEAST + rounds * SECONDS_A_KILL:
            raise TimeoutError(f"the kills took longer than they may; last: {text}")

    tally = kill.kill_rounds(rounds, kill.COMPLAINTS, say=say)
    how = (
        "tests.faults.kill on dynoxide: four writers over HTTP, SIGKILL of every process of the suite, a new start, "
        f"and a read of each answered write; {time.monotonic() - begun:.0f} s"
    )
    return [
        at_least("kills of the suite", tally.rounds, "kills", KILLED_AT_LEAST, how),
        told("writes answered before them", tally.acknowledged, "writes", how),
        at_most("answered writes lost", len(tally.lost), "writes", 0, how),
        at_most("answered writes torn", len(tally.torn), "writes", 0, how),
    ]


def contract(cases_each: int) -> list[Figure]:
    """Cases from the OpenAPI document, `cases_each` a route, by the project's own contract test."""
    begun = time.monotonic()
    operations = _operations()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", CONTRACT, "--timeout=0", "--no-cov", "-p", "tests.soak.counted"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "KHIDMAT_CONTRACT_CASES": str(cases_each)},
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_LEAST + operations * cases_each * SECONDS_A_CASE,
        check=False,
    )
    if ran.returncode:
        print(ran.stdout[-4_000:], file=sys.stderr)
    how = (
        f"{CONTRACT} with KHIDMAT_CONTRACT_CASES={cases_each}: that many made for each route beside the "
        "document's own examples, requests counted as sent; no answer of 500 and none "
        f"that the document does not know; {time.monotonic() - begun:.0f} s"
    )
    sent = re.search(rf"{counted.SAID} (\d+)", ran.stdout)
    failed = re.search(r"(\d+) failed", ran.stdout)
    wrong = int(failed[1]) if failed else int(ran.returncode != 0)
    return [
        at_least("contract: cases sent", int(sent[1]) if sent else 0, "cases", CASES_GOAL, how),
        at_most("contract: routes that broke it", wrong, "routes", 0, how),
    ]


def _operations() -> int:
    counted = (
        "from functions.openapi import ROUTES, document; import app; "
        "print(sum(len(path) for path in document(ROUTES)['paths'].values()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", counted], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return int(ran.stdout)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="The long tests.")
    parser.add_argument("--kills", type=int, default=KILLED_AT_LEAST, help="0: none")
    parser.add_argument("--contract", type=int, default=150, help="cases a route; 0: none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args(arguments)
    figures = contract(asked.contract) if asked.contract else []
    figures += kills(asked.kills) if asked.kills else []
    print("\n" + table(figures))
    if asked.json:
        asked.json.write_text(json.dumps([f.as_json() for f in figures], indent=1) + "\n", encoding="utf-8")
    return 1 if any(figure.reached is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
