"""Delivery to the suite over a real loopback connection."""

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml.delivery import (
    BATCH,
    IMPORTS,
    REGROUP,
    RELEASES,
    Answer,
    Delivery,
    UnreachableError,
    _faults,
)
from feedback_ml.sources.rows import Accepted
from schemas.feedback import Feedback

pytestmark = [pytest.mark.engine, pytest.mark.enable_socket]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class _Suite(ThreadingHTTPServer):
    """Answers as scripted: each entry is (status, body or None, headers); then everything is added."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = []
        self.seen = []
        self.connections = set()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, body, self.headers["Authorization"]))
        self.server.connections.add(self.client_address)
        status, answer, headers = self.server.script.pop(0) if self.server.script else (None, None, {})
        if status is None and self.path == REGROUP:
            status, answer = 202, {}
        elif status is None and self.path == RELEASES:
            given = body["releases"]
            status, answer = (
                200,
                {"results": [{"release_id": "r", "outcome": "added", "reason": None} for _ in given]},
            )
        elif status is None:
            status, answer = 200, {"results": [{"feedback_id": str(n), "outcome": "added", "reason": None}
                                               for n, _ in enumerate(body["records"])]}  # fmt: skip
        if status == "hang up":
            self.close_connection = True
            return
        sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        pass


@pytest.fixture
def suite():
    server = _Suite()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def delivery(suite):
    waits = []
    made = Delivery(suite.url, "secret", sleep=waits.append)
    made_waits = waits
    yield made, made_waits
    made.close()


def _rows(count):
    return [
        Accepted(
            "f.csv", at + 2, Feedback(source="file", app="a", external_id=str(at), written_at=NOW, text="x")
        )
        for at in range(count)
    ]


def test_records_go_in_batches_over_one_connection(suite, delivery):
    found = list(delivery[0].deliver(_rows(2 * BATCH + 1)))
    assert [one.outcome for one in found] == ["added"] * (2 * BATCH + 1)
    assert [len(body["records"]) for _, body, _ in suite.seen] == [BATCH, BATCH, 1]
    assert len(suite.connections) == 1
    assert {(path, token) for path, _, token in suite.seen} == {(IMPORTS, "Bearer secret")}


def test_what_is_sent_is_the_schemas_own_record(suite, delivery):
    list(delivery[0].deliver(_rows(1)))
    assert Feedback.model_validate(suite.seen[0][1]["records"][0]) == _rows(1)[0].feedback


def test_a_busy_suite_is_asked_again_after_the_time_it_names(suite, delivery):
    suite.script = [(429, {}, {"Retry-After": "7"}), (503, b"busy", {})]
    assert len(list(delivery[0].deliver(_rows(1)))) == 1
    assert delivery[1] == [7.0, 1.0]


def test_a_suite_that_stays_busy_is_given_up(suite, delivery):
    suite.script = [(503, {}, {"Retry-After": "1"})] * 10
    with pytest.raises(UnreachableError, match="too busy"):
        list(delivery[0].deliver(_rows(1)))


def test_a_record_that_a_problem_points_at_is_refused_and_the_rest_goes_in(suite, delivery):
    problem = {"title": "Unfit", "errors": [{"pointer": "/records/1/text", "detail": "too long"},
                                            {"pointer": "/elsewhere", "detail": "?"}]}  # fmt: skip
    suite.script = [(422, problem, {})]
    found = list(delivery[0].deliver(_rows(3)))
    assert [(one.row.line, one.outcome, one.reason) for one in found] == [
        (3, "refused", "text: too long"), (2, "added", ""), (4, "added", "")]  # fmt: skip


def test_a_problem_that_points_at_nothing_refuses_the_batch(suite, delivery):
    suite.script = [(400, {"title": "Unfit", "detail": "not today"}, {})]
    (found,) = delivery[0].deliver(_rows(1))
    assert (found.outcome, found.reason) == ("refused", "400: Unfit: not today")


def test_a_body_too_large_is_halved(suite, delivery):
    suite.script = [(413, {}, {})]
    assert len(list(delivery[0].deliver(_rows(5)))) == 5
    assert [len(body["records"]) for _, body, _ in suite.seen] == [5, 2, 3]


def test_a_kept_connection_closed_by_the_other_side_is_opened_again(suite, delivery):
    list(delivery[0].deliver(_rows(1)))
    suite.script = [("hang up", None, {})]
    assert len(list(delivery[0].deliver(_rows(1)))) == 1


def test_a_suite_that_hangs_up_twice_is_not_reached(suite, delivery):
    list(delivery[0].deliver(_rows(1)))
    suite.script = [("hang up", None, {})] * 2
    with pytest.raises(UnreachableError, match="Nothing answers"):
        list(delivery[0].deliver(_rows(1)))


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_says_how_to_get_one(suite, delivery, status):
    suite.script = [(status, {}, {})]
    with pytest.raises(UnreachableError, match="--token"):
        list(delivery[0].deliver(_rows(1)))


@pytest.mark.parametrize(
    "answer",
    [(500, {"title": "Broken"}, {}), (200, {"results": []}, {}), (200, b"<html>", {}), (200, b"[]", {})],
)
def test_an_answer_that_is_not_the_suites_ends_it(suite, delivery, answer):
    suite.script = [answer]
    with pytest.raises(UnreachableError):
        list(delivery[0].deliver(_rows(1)))


def test_a_refused_regrouping_says_that_the_records_are_in(suite, delivery):
    suite.script = [(404, {"title": "No such app"}, {})]
    with pytest.raises(UnreachableError, match="records are in"):
        delivery[0].regroup("a")


def test_the_import_command_delivers_then_regroups_and_sums_up(suite, tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("text,app\nslow,one\nfast,two\nbad\n")
    code = command_line.main(["import", str(path), "--url", suite.url, "--token", "t"])
    assert code == 1
    assert [(path, body.get("app")) for path, body, _ in suite.seen] == [
        (IMPORTS, None),
        (REGROUP, "one"),
        (REGROUP, "two"),
    ]
    out = capsys.readouterr().out
    assert "mine.csv:4: 1 columns" in out
    assert "3 read, 2 added, 1 refused" in out


def test_outcomes_are_counted_and_refusals_carry_file_and_line(suite, tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("text\na\nb\nc\nd\n")
    results = [{"outcome": outcome, "reason": reason} for outcome, reason in
               (("unchanged", None), ("replaced", None), ("refused", "no such app"), ("refused", None))]  # fmt: skip
    suite.script = [(200, {"results": results}, {})]
    assert command_line.main(["import", str(path), "--url", suite.url, "--token", "t", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["unchanged"], told["replaced"], told["added"]) == (1, 1, 0)
    assert told["refused"] == ["mine.csv:4: no such app", "mine.csv:5: refused without a reason"]


def test_an_address_where_nothing_answers_is_exit_code_3_and_plain_words(suite, tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text("text\nslow\n")
    suite.shutdown()
    suite.server_close()
    assert command_line.main(["import", str(path), "--url", suite.url, "--token", "t"]) == 3
    assert f"Nothing answers at {suite.url}: start it with `make run`" in capsys.readouterr().err


def test_a_pointer_beyond_the_batch_names_no_record():
    answer = Answer(422, {"title": "Unfit", "errors": [{"pointer": "/records/9", "detail": "x"}]})
    assert set(_faults(answer, 2)) == {0, 1}
    assert _faults(Answer(422, {"errors": [{"pointer": "/records/0", "detail": "x"}]}), 2) == {0: "x"}


def test_a_silent_suite_is_told_from_an_absent_one(delivery):
    assert "longer than" in str(delivery[0]._silent(TimeoutError()))


CHANGELOG = """{"version": "2.1", "date": "2026-05-04", "changelog": "Codes arrive"}
{"version": "2.2", "date": "someday", "changelog": ""}
"""


def bring(suite, tmp_path, *more, apps=("mine",)):
    files = [tmp_path / f"{app}.csv" for app in apps]
    for file in files:
        file.write_text("id,text,rating,date\n1,OTP does not arrive,1,2026-05-03\n")
    log = tmp_path / "changes.jsonl"
    log.write_text(CHANGELOG)
    return command_line.main(
        ["import", "--url", suite.url, "--token", "t", "--json", *more, *map(str, files), str(log)]
    )


def test_a_changelog_goes_in_as_releases_of_the_app_before_its_topics_are_made(suite, tmp_path, capsys):
    assert bring(suite, tmp_path) == 1  # one line has no day
    told = json.loads(capsys.readouterr().out)

    assert [path for path, _, _ in suite.seen] == [IMPORTS, RELEASES, REGROUP]
    line = {"version": "2.1", "date": "2026-05-04", "changelog": "Codes arrive"}
    assert suite.seen[1][1] == {"app": "mine", "releases": [line]}
    assert told["releases"] == {"added": 1}
    assert "changes.jsonl:2: column 'date'" in told["refused"][0]


def test_a_changelog_beside_feedback_of_several_apps_needs_to_be_told_whose_it_is(suite, tmp_path, capsys):
    assert bring(suite, tmp_path, apps=("mine", "yours")) == 1

    assert RELEASES not in [path for path, _, _ in suite.seen]
    assert "--app" in capsys.readouterr().out


def test_a_release_that_the_suite_refuses_is_named_with_its_line(suite, tmp_path, capsys):
    refused = {"results": [{"release_id": None, "outcome": "refused", "reason": "/version is too long"}]}
    suite.script = [(None, None, {}), (200, refused, {})]
    assert bring(suite, tmp_path) == 1

    assert "changes.jsonl:1: /version is too long" in capsys.readouterr().out


def test_a_suite_that_takes_no_changelog_is_an_error(suite, tmp_path, capsys):
    suite.script = [(None, None, {}), (409, {"title": "Changed meanwhile"}, {})]

    assert bring(suite, tmp_path) == 3
    assert "did not take the changelog" in capsys.readouterr().err
