"""Logs: one JSON object a line, holding only what is listed here, so that no person can slip in.

Powertools sets the logger up; the formatter is ours, for Powertools' own writes whatever it is given: every
`extra`, the arguments of a message, an exception's words and the source line it arose in.
"""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.logging.logger import Logger

Handler = Callable[[Any], dict[str, Any]]
SERVICE = "khidmat"
"""The logger's name: everywhere else it is had by `logging.getLogger("khidmat")`."""
LOGGED = (
    "request_id",
    "function",
    "reference",
    "route",
    "status",
    "milliseconds",
    "examined",
    "flagged",
    "erased",
    "days",
    "months",
    "found",
    "deleted",
    "failed",
    "finished",
    "apps",
    "topics",
    "messages",
    "sequence_number",
    "source",
    "problem",
    "read",
    "added",
    "replaced",
    "refused",
)
"""The only fields a log line may carry besides `at`, `level`, `message`, `error` and `where`.

Each is a number, a yes or no, or a name that we gave: never what somebody wrote, and no name of a person.
"""
DEEPEST = 20
"""Frames kept of an error: a recursion would otherwise write a thousand."""


class ListedFields(LambdaPowertoolsFormatter):
    """Writes `at` (UTC), `level`, `message` as it stands in the code, LOGGED, `error` (its kind), `where`."""

    def __init__(self) -> None:
        super().__init__(utc=True, use_rfc3339=True)

    def format(self, record: logging.LogRecord) -> str:
        given = self._extract_log_keys(record)
        line: dict[str, object] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            # Never record.getMessage(): what is filled into a message may be anybody's.
            "message": _plain(record.msg),
        }
        line.update({name: _plain(given[name]) for name in LOGGED if name in given})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record)
        return json.dumps(line)


def _plain(value: object) -> str | int | float | None:
    """A value that is what it looks like; of an object its kind alone, for its words may be anybody's."""
    return value if isinstance(value, str | int | float | None) else type(value).__name__


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
            logging.getLogger(SERVICE).exception("failed", extra=_run_of(event))
            raise FunctionFailedError(type(error).__name__) from None

    return guarded


def _run_of(event: Any) -> dict[str, str]:
    """Which function ran, and under which request id, as Lambda names them; nothing where it does not."""
    named = {"request_id": "aws_request_id", "function": "function_name"}
    context = getattr(event, "context", None)
    return {field: getattr(context, name) for field, name in named.items() if hasattr(context, name)}


def write_json_lines() -> None:
    """Sends our log to standard output, which Lambda keeps; once, however often it is called."""
    log = logging.getLogger(SERVICE)
    if log.handlers:
        return
    # The level is said here, so that no variable of Powertools' own turns the log off or up.
    Logger(service=SERVICE, level="INFO", logger_formatter=ListedFields())
    # Lambda's own handler at the root writes messages and exceptions whole.
    log.propagate = False
