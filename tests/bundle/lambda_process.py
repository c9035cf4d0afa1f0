"""One Lambda process, run as: python -I -S -B lambda_process.py FOLDER < calls > answers.

FOLDER is an unzipped bundle. Nothing but it and the standard library is on the path, so what a bundle lacks
is missed here as it would be on AWS. A call is a JSON line, {"handler": "app.app", "event": {...}}; so is its
answer, {"returned": ..., "cpu_ms": ...} or {"raised": ...}; the first line tells the path and interpreter.
Imports the standard library alone: what it measures is not helped by what it loaded.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from typing import Any

STANDARD = (sys.base_prefix, sys.base_exec_prefix)


class Context:
    """What a handler may ask of Lambda's context."""

    aws_request_id = "11111111-2222-3333-4444-555555555555"
    function_name = "khidmat-try"
    memory_limit_in_mb = "1024"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


def main(folder: str) -> None:
    answers = sys.stdout
    # What a handler prints is its log; answers alone go where they are read.
    sys.stdout = sys.stderr
    sys.path.insert(0, folder)
    foreign = [entry for entry in sys.path[1:] if not entry.startswith(STANDARD) or "-packages" in entry]
    _tell(answers, {"foreign": foreign, "version": sys.version_info[:2]})
    for line in sys.stdin:
        _tell(answers, _answer(json.loads(line)))


def _answer(call: dict[str, Any]) -> dict[str, Any]:
    module, _, name = call["handler"].rpartition(".")
    try:
        handler = getattr(importlib.import_module(module), name)
        returned = handler(call["event"], Context()) if "event" in call else None
    except Exception:
        return {"raised": traceback.format_exc()}
    return {"returned": returned, "cpu_ms": time.process_time() * 1000}


def _tell(answers: Any, said: dict[str, Any]) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
