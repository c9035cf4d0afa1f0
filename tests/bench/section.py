"""One part of the measurement in a process of its own: python -m tests.bench.section NAME --cases N > figures.json."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import signal
import sys

MODULES = {
    "http": "http_load",
    "handler": "handler",
    "start": "start",
    "cost": "cost",
    "sweep": "sweep",
    "feedback": "feedback",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.section")
    parser.add_argument("name", choices=MODULES)
    parser.add_argument("--cases", type=int, required=True)
    asked = parser.parse_args()
    answers = sys.stdout
    # An exception, so that what this part started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with contextlib.redirect_stdout(sys.stderr):  # whatever the product logs is no figure
        module = importlib.import_module(f"tests.bench.{MODULES[asked.name]}")
        figures = module.measure(asked.cases)
    json.dump([figure.as_json() for figure in figures], answers)


if __name__ == "__main__":
    main()
