"""The whole suite, started as a newcomer starts it, with the throw-away app in the product's place."""

import http.client
import json
import os
import signal
import socket
import time
from threading import Event
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from infra.local import __main__ as command
from infra.local import front, functions, suite, terminal, tokens, worker
from infra.local.children import ChildError
from infra.local.engines import Engine
from infra.local.home import running
from tests.engine import engines_in


def ask(base_url, path, method="GET", body=None):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(base_url).port, timeout=20)
    try:
        connection.request(
            method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"}
        )
        answered = connection.getresponse()
        return answered.status, json.loads(answered.read() or b"null")
    finally:
        connection.close()


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def run_and(place, check, monkeypatch, **options):
    """Run the suite on a free port, call check(suite) when it says it is ready, and stop it as Ctrl-C would."""
    said = []

    def say(text, **options):
        if "is running" not in str(text):
            print(text, **options)
        else:
            said.append(text)
            try:
                check(running(place))
            finally:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command, "print", say, raising=False)
    arguments = ["run", "--port", "0", *options.pop("arguments", [])]
    return command.main(arguments), said


@pytest.mark.engine
def test_the_suite_serves_fires_and_consumes_and_leaves_nothing_behind(place, sample, monkeypatch, capsys):
    seen = []

    def check(now_running):
        seen.append(now_running)
        base = now_running.base_url
        assert ask(base, "/v1/health") == (200, {"ok": True})
        assert ask(base, "/local-issuer/.well-known/jwks.json")[1] == json.loads(tokens.public_keys(place))
        assert ask(base, "/v1/rows", "POST", {"key": "a", "text": "x"})[0] == 201
        assert ask(base, "/v1/rows/a") == (200, {"reference": "a", "text": "x"})
        assert command.main(["tick", "overdue", "--at", "2026-11-23T14:00:00+05:00"]) == 0
        assert json.loads(capsys.readouterr().out)["time"] == "2026-11-23T09:00:00Z"
        assert command.main(["run", "--port", "0"]) == 2
        assert "already runs" in capsys.readouterr().err
        assert (place.tokens / "product_owner").stat().st_mode & 0o777 == 0o600

    code, said = run_and(place, check, monkeypatch)
    assert code == 0
    assert "API docs" in said[0]
    assert all(gone(pid) for pid in seen[0].processes.values())
    assert running(place) is None


@pytest.mark.engine
def test_data_and_positions_outlive_a_restart_and_end_with_a_fresh_start(place, sample, monkeypatch):
    def write(now_running):
        ask(now_running.base_url, "/v1/rows", "POST", {"key": "kept", "text": "x"})

    def still_there(now_running):
        assert ask(now_running.base_url, "/v1/rows/kept")[0] == 200

    def not_there(now_running):
        assert ask(now_running.base_url, "/v1/rows/kept")[0] == 404

    for check, arguments in ((write, []), (still_there, []), (not_there, ["--fresh"])):
        assert run_and(place, check, monkeypatch, arguments=arguments)[0] == 0


@pytest.mark.engine
def test_an_app_that_cannot_be_loaded_ends_the_run_with_its_last_lines(place, monkeypatch, capsys):
    monkeypatch.setenv("KHIDMAT_APP", "tests.infra.local.no_such_app:app")
    assert command.main(["run", "--port", "0"]) == 1
    assert "No module named 'tests.infra.local.no_such_app'" in capsys.readouterr().err


@pytest.mark.engine
def test_a_process_that_ends_by_itself_ends_the_run(place, sample, monkeypatch, capsys):
    def kill_http(now_running):
        os.kill(now_running.processes["http-1"], signal.SIGKILL)

    monkeypatch.setattr(signal, "raise_signal", lambda _: None)
    assert run_and(place, kill_http, monkeypatch)[0] == 1
    assert "http-1 ended by itself" in capsys.readouterr().err


@pytest.mark.engine
def test_a_stop_while_starting_is_a_stop(place, monkeypatch):
    stop = Event()
    stop.set()
    reading, writing = os.pipe()
    os.close(writing)
    with socket.socket() as listening, pytest.raises(KeyboardInterrupt):
        suite.wait_until_ready(suite.Processes(), reading, listening, stop)


@pytest.mark.engine
def test_a_suite_that_never_answers_is_given_up(place, monkeypatch):
    monkeypatch.setattr(suite, "READY_SECONDS", 0.1)
    reading, writing = os.pipe()
    os.close(writing)
    processes = suite.Processes(doors=[SimpleNamespace(ended=False, log=place.logs / "worker.log")])
    with socket.socket() as listening, pytest.raises(ChildError, match="did not answer"):
        suite.wait_until_ready(processes, reading, listening, Event())


@pytest.mark.engine
def test_a_port_where_nothing_listens_does_not_answer():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        assert suite._answers("0.0.0.0", held.getsockname()[1]) is False


@pytest.mark.engine
def test_the_worker_makes_tables_and_runs_every_function(engine, sample, place, monkeypatch):
    for name, value in engine.product.items():
        monkeypatch.setenv(name, value)
    assert worker.prepare() == []  # the fixture made them
    stop = Event()
    threads = worker.consumers(functions.load_app(), stop)
    assert sorted(thread.name for thread in threads) == [
        "flag_overdue",
        "on_case",
        "regroup",
        "regroup_topics",
    ]
    for thread in threads:
        thread.start()
    marker = f"m{time.time_ns()}"
    engine.client("dynamodb").put_item(TableName="khidmat-dev-cases", Item={"reference": {"S": marker}})
    engine.client("sqs").send_message(
        QueueUrl=engine.product["KHIDMAT_REGROUP_QUEUE_URL"], MessageBody=marker
    )

    def marked(name):
        key = {"recipient": {"S": name}, "notice_key": {"S": marker}}
        return "Item" in engine.client("dynamodb").get_item(TableName="khidmat-dev-notices", Key=key)

    wait_until(lambda: marked("from-stream") and marked("from-queue"))
    stop.set()
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_the_worker_gives_up_on_an_engine_that_never_answers(monkeypatch):
    from botocore.exceptions import EndpointConnectionError

    monkeypatch.setattr(worker, "ENGINE_SECONDS", 0.05)
    monkeypatch.setattr(worker, "RETRY_SECONDS", 0.01)

    def refused():
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(EndpointConnectionError):
        worker._when_up(refused)


@pytest.mark.engine
def test_the_worker_ends_at_once_when_told(engine, sample, place, monkeypatch):
    for name, value in engine.product.items():
        monkeypatch.setenv(name, value)
    ended = []
    monkeypatch.setattr(worker.os, "_exit", ended.append)
    monkeypatch.setattr(worker, "consumers", lambda _app, stop: stop.set() or [])
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    reading, writing = os.pipe()
    try:
        worker.main([str(writing)])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    with os.fdopen(reading) as told:
        assert json.loads(told.read()) == {"new_tables": []}
    assert ended == [0]


@pytest.mark.engine
def test_http_serves_the_issuer_beside_the_app(place, sample, monkeypatch):
    monkeypatch.setenv("KHIDMAT_BASE_URL", "http://localhost:8000")
    served = {}
    before = signal.getsignal(signal.SIGTERM)
    listening = socket.create_server(("127.0.0.1", 0))
    try:
        front.main(
            [str(listening.detach())],
            serve=lambda application, **options: served.update(options, app=application),
        )
    finally:
        signal.signal(signal.SIGTERM, before)
        for each in served.get("sockets", []):
            each.close()
    from tests.infra.local.wsgi import call

    assert call(served["app"], "GET", "/local-issuer/.well-known/jwks.json").status == 200
    assert json.loads(call(served["app"], "GET", "/v1/health").body) == {"ok": True}
    assert (place.tokens / "product_owner").read_text().count(".") == 2


@pytest.mark.engine
def test_a_tick_without_a_running_suite_starts_engines_of_its_own(place, sample, capsys):
    assert command.main(["tick", "overdue", "--at", "+9h"]) == 0
    assert json.loads(capsys.readouterr().out)["stage"] == "dev"
    assert running(place) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["token", "king"], "Roles: citizen, front_desk"),
        (["token", "sdpo", "--name", "x"], "sdpo-civil-lines"),
        (["token", "citizen", "--name", "x"], "citizen-1, citizen-2"),
    ],
)
def test_an_unknown_person_lists_those_there_are(place, capsys, arguments, said):
    assert command.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_only_the_token_is_printed(place, capsys):
    assert command.main(["token", "sdpo", "--minutes", "5", "--port", "8123"]) == 0
    assert len(capsys.readouterr().out.split()) == 1


def test_another_stage_is_refused(place, capsys, monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "prod")
    assert command.main(["token", "citizen"]) == 2
    assert "signs anyone in" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["tick", "overdue", "--at", "noon"]])
@pytest.mark.engine
def test_an_instant_that_cannot_be_read_starts_nothing(place, capsys, arguments):
    assert command.main(arguments) == 2
    assert "is no instant" in capsys.readouterr().err


def test_the_seed_is_planted_and_its_words_passed_on(place, capsys, monkeypatch):
    import infra.local

    planting = SimpleNamespace(plant=lambda now: f"planted {now.tzinfo}")
    monkeypatch.setitem(command.sys.modules, "infra.local.seed", planting)
    monkeypatch.setattr(infra.local, "seed", planting, raising=False)
    assert command.main(["seed"]) == 0
    assert capsys.readouterr().out == "planted UTC\n"


@pytest.mark.engine
@pytest.mark.parametrize("finished_at", [1, 2])
def test_the_seed_is_planted_until_it_is_whole_and_never_again(
    place, sample, monkeypatch, tmp_path, finished_at
):
    (tmp_path / "seed.py").touch()
    monkeypatch.setattr(suite, "SEED", tmp_path / "seed.py")
    planted = []

    def start_seed(_product, where):
        planted.append(where)
        if len(planted) == finished_at:
            where.unplanted.unlink()
        return suite.children.start(
            "seed", ["echo", "12 complaints"], {"PATH": os.environ["PATH"]}, where.logs / "seed.log"
        )

    monkeypatch.setattr(suite, "_start_seed", start_seed)
    for _ in range(finished_at + 1):
        assert run_and(place, lambda _: None, monkeypatch)[0] == 0
    assert planted == [place] * finished_at


def test_a_table_that_was_only_added_plants_nothing():
    assert not suite._from_nothing(["khidmat-dev-topics"])


def test_the_table_says_who_serves_and_why(place):
    engine = Engine("ministack", "http://127.0.0.1:1", "kept until killed", "npm is not here")
    said = terminal.ready("http://localhost:8000", engine, place, "0.0.0.0")
    assert "ministack at http://127.0.0.1:1: kept until killed" in said
    assert "because npm is not here" in said
    assert "a network you trust" in said
    assert str(place.root) in said


@pytest.mark.engine
def test_ministack_alone_carries_tables_and_queues(tmp_path, place):
    with engines_in(tmp_path / "var", "ministack") as made:
        assert made.dynamodb_url == made.sqs_url
        assert "khidmat-dev-people" in made.client("dynamodb").list_tables()["TableNames"]
