import json
import logging
import sys

from functions.logs import LOGGED, JsonLines, write_json_lines


def line(**extra):
    record = logging.LogRecord("khidmat", logging.INFO, "file.py", 1, "answered", None, None)
    record.__dict__.update(extra)
    return json.loads(JsonLines().format(record))


def test_a_field_that_is_not_listed_is_not_logged():
    assert "phone" not in line(phone="+923000000000", status=201)


def test_listed_fields_are_logged():
    assert line(status=201)["status"] == 201
    assert "phone" not in LOGGED


def test_an_error_is_logged_by_its_kind_and_place_and_never_by_its_words():
    try:
        int("secret-value")
    except ValueError:
        logged = line(exc_info=sys.exc_info())

    assert logged["error"] == "ValueError"
    assert "test_logs.py" in logged["where"][0]
    assert "secret-value" not in json.dumps(logged)


def test_the_log_is_set_up_once():
    write_json_lines()
    before = list(logging.getLogger("khidmat").handlers)
    write_json_lines()

    assert logging.getLogger("khidmat").handlers == before
