"""Measure the project on this machine: python -m tests.bench [--only NAME] [--cases N] [--json FILE].

Each part runs in a process of its own, on temporary data, on the loopback, for a bounded time. Ratios hold better
than times; a busy machine shows in every figure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure, table
from tests.bench.section import MODULES

ROOT = Path(__file__).resolve().parents[2]
CASES = 5_000
SECTION_SECONDS, SECONDS_A_CASE = 240.0, 0.02
STOP_SECONDS = 20
TAIL = 2_000


class SectionError(Exception):
    """A part of the measurement failed or took too long; the message ends with what it said."""


def section(name: str, cases: int) -> list[Figure]:
    """The figures of one part. SectionError when there are none; nothing of it is left running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.section", name, "--cases", str(cases)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the part in order
    )
    try:
        out, said = process.communicate(timeout=SECTION_SECONDS + SECONDS_A_CASE * cases)
    except subprocess.TimeoutExpired:
        raise SectionError(f"{name} took longer than it may") from None
    finally:
        _end(process)
    if process.returncode:
        raise SectionError(f"{name} failed:\n{said[-TAIL:]}")
    return [Figure(**row) for row in json.loads(out)]


def _end(process: subprocess.Popen[str]) -> None:
    """Ask it to stop what it started; by force, with its whole group, only if that does not help."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f} before it began" if hasattr(os, "getloadavg") else ""
    return f"{os.cpu_count()} cores, Python {platform.python_version()} on {platform.machine()}{load}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Measure this machine's Khidmat."
    )
    parser.add_argument("--only", action="append", choices=MODULES, help="one part (may be repeated)")
    parser.add_argument("--cases", type=int, default=CASES, help="cases stored (default: %(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    asked = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    figures: list[Figure] = []
    here = machine()
    failed = False
    for name in asked.only or MODULES:
        begun = time.monotonic()
        print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
        try:
            figures += section(name, asked.cases)
        except SectionError as error:
            failed = True
            print(error, file=sys.stderr)
        else:
            print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    print(f"\n{here}\n\n{table(figures)}")
    if asked.json:
        asked.json.write_text(json.dumps([f.as_json() for f in figures], indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
