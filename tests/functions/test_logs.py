import ast
import io
import json
import logging
import sys
from pathlib import Path

import pytest

from functions import logs
from functions.logs import (
    DEEPEST,
    LOGGED,
    FunctionFailedError,
    ListedFields,
    failing_quietly,
    write_json_lines,
)
from tests.http import Context

SECRET = "35202-0000000-1"
SOURCES = sorted((Path(__file__).parents[2] / "functions").rglob("*.py"))
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


def line(message="answered", *args, **extra):
    record = logging.LogRecord(
        "khidmat", logging.INFO, "file.py", 1, message, args, extra.pop("exc_info", None)
    )
    record.__dict__.update(extra)
    return json.loads(ListedFields().format(record))


@pytest.fixture
def written(monkeypatch):
    """What the khidmat log writes, through the logger as the functions have it."""
    out = io.StringIO()
    write_json_lines()
    ours = [h for h in logging.getLogger("khidmat").handlers if isinstance(h.formatter, ListedFields)]
    (handler,) = ours
    monkeypatch.setattr(handler, "stream", out)
    return out


def raised(error, deep=0):
    try:
        fail(error, deep)
    except type(error):
        return sys.exc_info()


def fail(error, deep):
    held = SECRET  # a value of the stack
    if deep:
        fail(error, deep - 1)
    error.add_note(held)
    raise error


def test_a_line_says_when_how_grave_and_what():
    said = line(status=201)

    assert set(said) == {"at", "level", "message", "status"}
    assert said["at"].endswith("+00:00")
    assert (said["level"], said["message"], said["status"]) == ("INFO", "answered", 201)


@pytest.mark.parametrize(
    "name",
    ["phone", "narrative", "service", "timestamp", "location", "exception", "stack_trace", "where", "at"],
)
def test_a_field_that_is_not_listed_is_not_logged(name):
    assert SECRET not in json.dumps(line(**{name: SECRET}))


@pytest.mark.parametrize("name", LOGGED)
def test_a_listed_field_is_logged(name):
    assert line(**{name: 7})[name] == 7


def test_a_listed_field_that_is_an_object_is_named_by_its_kind():
    assert line(reference={"cnic": SECRET})["reference"] == "dict"


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("lodged by %s", (SECRET,)),
        ("lodged by %(cnic)s", ({"cnic": SECRET},)),
        ({"cnic": SECRET}, ()),
        (ValueError(SECRET), ()),
    ],
)
def test_what_is_filled_into_a_message_is_not_logged(message, args):
    assert SECRET not in json.dumps(line(message, *args))


def test_an_error_is_logged_by_its_kind_and_place_and_never_by_its_words_or_values():
    logged = line(exc_info=raised(ValueError(SECRET)))

    assert logged["error"] == "ValueError"
    assert logged["where"][-1].startswith("test_logs.py:")
    assert logged["where"][-1].endswith(" fail")
    assert SECRET not in json.dumps(logged)


def test_of_a_deep_error_the_last_frames_are_kept():
    assert len(line(exc_info=raised(ValueError(), deep=DEEPEST * 2))["where"]) == DEEPEST


def test_no_error_in_hand_is_no_error_logged():
    assert "error" not in line(exc_info=(None, None, None))


def test_nothing_unlisted_passes_through_the_logger_itself(written, monkeypatch):
    log = logging.getLogger("khidmat")
    monkeypatch.setenv("POWERTOOLS_DEV", "true")
    try:
        int(SECRET)
    except ValueError:
        log.exception("not swept of %s", SECRET, extra={"reference": "KH-1", "cnic": SECRET}, stack_info=True)
    (only,) = written.getvalue().splitlines()

    assert SECRET not in only
    assert set(json.loads(only)) == {"at", "level", "message", "reference", "error", "where"}


def test_the_log_is_set_up_once_and_tells_nobody_above_it():
    write_json_lines()
    before = list(logging.getLogger("khidmat").handlers)
    write_json_lines()

    assert logging.getLogger("khidmat").handlers == before
    assert logging.getLogger("khidmat").propagate is False


def test_no_variable_of_the_environment_turns_the_log_up_or_off(monkeypatch):
    log = logging.getLogger("khidmat-unused")
    monkeypatch.setattr(logs, "SERVICE", log.name)
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "CRITICAL")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "elsewhere")
    write_json_lines()

    assert log.level == logging.INFO
    assert isinstance(log.handlers[0].formatter, ListedFields)


@pytest.mark.parametrize(("context", "known"), [(Context(), True), (None, False)])
def test_a_failed_function_says_which_run_it_was_and_raises_the_kind_alone(written, context, known):
    class Event:
        pass

    event = Event()
    event.context = context

    @failing_quietly
    def broken(_event):
        raise KeyError(SECRET)

    with pytest.raises(FunctionFailedError, match=r"^KeyError$") as caught:
        broken(event)
    said = json.loads(written.getvalue())

    assert caught.value.__cause__ is None
    assert ("request_id" in said, said.get("function")) == (known, Context.function_name if known else None)
    assert SECRET not in written.getvalue()


def log_calls():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
            ):
                source = ast.unparse(node.func.value)
                if source == "log" or "getLogger" in source:
                    yield pytest.param(node, id=f"{path.name}:{node.lineno}")


@pytest.mark.parametrize("call", [*log_calls()])
def test_every_message_is_a_fixed_text_and_every_field_written_is_listed(call):
    (message,) = call.args
    extras = [
        word.value for word in call.keywords if word.arg == "extra" and isinstance(word.value, ast.Dict)
    ]
    names = [key.value for extra in extras for key in extra.keys]

    assert isinstance(message, ast.Constant)
    assert isinstance(message.value, str)
    assert set(names) <= set(LOGGED)
