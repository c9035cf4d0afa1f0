import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.local import children, environment, tether
from infra.local.home import AlreadyRunningError, Home, Suite, announce, held, running, write_privately
from infra.local.suite import PortTakenError, listen

TOLD = Suite(1, "http://localhost:8000", "dynoxide", "http://127.0.0.1:1", "http://127.0.0.1:2", {"http": 3})


def test_a_second_run_on_the_same_folder_is_told_who_holds_it(place):
    with (
        held(place),
        pytest.raises(AlreadyRunningError, match=rf"already runs.*process {os.getpid()}"),
        held(place),
    ):
        pass


def test_the_folder_is_free_again_afterwards(place):
    with held(place):
        pass
    with held(place):
        assert place.lock.read_text() == str(os.getpid())


def test_a_suite_that_ended_without_a_word_is_not_running(place):
    announce(place, TOLD)
    assert running(place) is None


def test_a_running_suite_tells_where_it_is(place):
    announce(place, TOLD)
    with held(place):
        assert running(place) == TOLD


def test_a_suite_that_is_still_starting_tells_nothing(place):
    with held(place):
        assert running(place) is None


def test_starting_over_keeps_the_keys_and_nothing_else(place):
    for path in (place.database, place.positions, place.codes / "a", place.keys / "k"):
        path.write_text("x")
    place.clear()
    assert [path.exists() for path in (place.database, place.positions, place.codes / "a", place.keys / "k")] == [
        False, False, False, True,
    ]  # fmt: skip
    assert place.codes.is_dir()


def test_the_folders_are_their_owners_alone(tmp_path):
    Home(tmp_path / "var").prepare()
    assert stat.S_IMODE((tmp_path / "var" / "keys").stat().st_mode) == 0o700


def test_a_private_file_is_replaced_whole(tmp_path):
    write_privately(tmp_path / "f", "one")
    write_privately(tmp_path / "f", "two")
    assert (tmp_path / "f").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_the_product_gets_no_real_account(place, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "real")
    product = environment.product_environment(place, "http://localhost:1", "http://d", "http://q")
    assert "real" not in product.values()
    assert product["AWS_ENDPOINT_URL_DYNAMODB"] == product["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"] == "http://d"
    assert product["KHIDMAT_REGROUP_QUEUE_URL"] == "http://q/000000000000/khidmat-dev-regroup"


def test_the_product_gets_every_setting_it_reads(place):
    from functions.settings import NAMES

    product = environment.product_environment(place, "http://localhost:1", "http://d", "http://q")
    assert {name for name in NAMES.values() if not product.get(name)} == set()
    assert json.loads(product["KHIDMAT_JWKS"])["keys"]


def test_another_stage_is_refused(monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "prod")
    with pytest.raises(environment.StageError, match="signs anyone in"):
        environment.refuse_other_stages()


@pytest.mark.engine
def test_a_port_in_use_names_another():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"Port {port} is in use.*PORT={port + 1}"):
            listen("127.0.0.1", port)


def sleeper(tmp_path, seconds="60"):
    return children.start("sleeper", ["sleep", seconds], {"PATH": os.environ["PATH"]}, tmp_path / "log")


def test_a_child_is_stopped(tmp_path):
    child = sleeper(tmp_path)
    children.stop([child])
    assert child.ended


def test_a_child_that_will_not_go_is_made_to(tmp_path):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = children.start("stubborn", [sys.executable, "-c", stubborn], dict(os.environ), tmp_path / "log")
    wait_until(lambda: child.last_words() == "up")
    children.stop([child], grace_seconds=0.1)
    assert child.process.returncode in {-signal.SIGKILL, -signal.SIGTERM}


@pytest.mark.engine
def test_waiting_for_a_child_that_ended_tells_its_last_words(tmp_path):
    child = children.start("talker", ["echo", "no such file"], {"PATH": os.environ["PATH"]}, tmp_path / "log")
    with pytest.raises(children.ChildError, match="no such file"):
        children.wait_for_port(child, children.free_port(), 5)


@pytest.mark.engine
def test_waiting_for_a_child_that_never_answers_ends(tmp_path):
    child = sleeper(tmp_path)
    try:
        with pytest.raises(children.ChildError, match="did not answer"):
            children.wait_for_port(child, children.free_port(), 0.1)
    finally:
        children.stop([child])


def wait_until(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    told = Path(f"/proc/{pid}/stat")  # where there is one, it tells a zombie from a process
    return not told.exists() or " Z " not in told.read_text()


PARENT = """
import os, sys, time
from pathlib import Path
from infra.local import children
child = children.start("sleeper", ["sleep", "60"], {"PATH": os.environ["PATH"]}, Path(sys.argv[1]))
print(child.process.pid, flush=True)
time.sleep(60)
"""


def test_a_killed_parent_takes_its_child_along(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(child))


def test_where_the_kernel_cannot_be_asked_the_tether_watches():
    assert tether.watch([sys.executable, "-c", "raise SystemExit(3)"], os.getppid()) == 3


def test_a_watching_tether_ends_its_command_when_the_parent_is_gone(monkeypatch):
    monkeypatch.setattr(tether, "WATCH_SECONDS", 0.01)
    started = time.monotonic()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        assert tether.watch(["sleep", "60"], parent=-1) == -signal.SIGTERM
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert time.monotonic() - started < 5
