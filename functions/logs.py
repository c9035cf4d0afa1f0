"""Logs: one JSON object a line, holding only what is listed here, so that no person can slip in."""

from __future__ import annotations

import functools
import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Handler = Callable[[Any], dict[str, Any]]
LOGGED = (
    "request_id",
    "reference",
    "route",
    "status",
    "milliseconds",
    "examined",
    "flagged",
    "failed",
    "finished",
    "apps",
    "messages",
    "sequence_number",
)
"""The only fields a log line may carry besides its time, level and fixed message."""


DEEPEST = 20
"""Frames kept of an error: a recursion would otherwise write a thousand."""


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.msg,
        }
        line.update({name: getattr(record, name) for name in LOGGED if hasattr(record, name)})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record)
        return json.dumps(line)


def _places(record: logging.LogRecord) -> list[str]:
    """File, line and function of each frame; never a value, for that is where people's data is."""
    trace = record.exc_info[2] if record.exc_info else None
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-DEEPEST:]


class FunctionFailedError(Exception):
    """A function failed; its log says where. Carries the error's kind alone."""


def failing_quietly(handler: Handler) -> Handler:
    """The handler of an event, whose errors reach the runtime's own log without their words.

    Lambda prints what a function raises, and an error may quote what it could not read: somebody's text.
    """

    @functools.wraps(handler)
    def guarded(event: Any) -> dict[str, Any]:
        try:
            return handler(event)
        except Exception as error:
            logging.getLogger("khidmat").exception("failed")
            raise FunctionFailedError(type(error).__name__) from None

    return guarded


def write_json_lines() -> None:
    """Sends our log to standard output, which Lambda keeps; once, however often it is called."""
    log = logging.getLogger("khidmat")
    if log.handlers:
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
