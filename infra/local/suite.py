"""The whole suite on one machine: engines, HTTP, schedules and consumers, started and stopped as one."""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra import tables
from infra.local import children, engines, environment, terminal
from infra.local.children import LOOPBACK, Child, ChildError
from infra.local.engines import Engine, NoEngineError
from infra.local.home import PROJECT, Home, Suite, announce

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

READY_SECONDS = 60.0
LOOK_SECONDS = 0.4
# One interpreter does not fill two cores; they take connections from one listening socket.
HTTP_PROCESSES = 2
HEALTH_PATH = "/v1/health"
SEED = Path(__file__).with_name("seed.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class PortTakenError(Exception):
    """Something else listens on the port asked for."""


@dataclass(slots=True)
class Processes:
    """What runs now. Stopping goes from the doors inwards, so that nothing loses its engine while at work."""

    engines: list[Child] = field(default_factory=list)
    doors: list[Child] = field(default_factory=list)

    def all(self) -> list[Child]:
        return [*self.engines, *self.doors]

    def check(self) -> None:
        """Raise ChildError when one of them has ended."""
        for child in self.all():
            if child.ended:
                raise ChildError(
                    f"{child.name} ended by itself. {child.log} ends with:\n{child.last_words()}"
                )

    def stop(self) -> None:
        children.stop(self.doors)
        children.stop(self.engines)


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is started. PortTakenError says how to choose another."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # Without this two runs could both bind before either listens.
        listening.listen(1024)
    except OSError as error:
        listening.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            problem = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by you"
            raise PortTakenError(f"Port {port} {problem}. Choose another: make run PORT={port + 1}") from None
        raise
    return listening


def start_engines(place: Home, choice: str, processes: Processes) -> tuple[Engine, str]:
    """Start what `choice` asks for: dynoxide, ministack, a URL, or "" for the best to be had.

    Returns the DynamoDB that serves and the queues' URL. NoEngineError when there is no way.
    """
    if choice not in {"", "dynoxide", "ministack"} and "://" not in choice:
        raise NoEngineError(f"{choice!r} is no engine: dynoxide, ministack, or the URL of a DynamoDB")
    with ThreadPoolExecutor(1) as pool:  # the first time both are fetched, one beside the other
        fetching = pool.submit(engines.dynoxide_program) if choice in {"", "dynoxide"} else None
        queues_port = children.free_port()
        sqs_url = f"http://{LOOPBACK}:{queues_port}"
        processes.engines.append(engines.start_ministack(engines.ministack_python(), place, queues_port))
        if fetching is None:
            return _not_dynoxide(choice, sqs_url), sqs_url
        try:
            program = fetching.result()
        except NoEngineError as error:
            if choice:
                raise
            return Engine("ministack", sqs_url, engines.PROMISES["ministack"], why=str(error)), sqs_url
    port = children.free_port()
    processes.engines.append(engines.start_dynoxide(program, place, port))
    return Engine("dynoxide", f"http://{LOOPBACK}:{port}", engines.PROMISES["dynoxide"]), sqs_url


def _not_dynoxide(choice: str, sqs_url: str) -> Engine:
    if choice == "ministack":
        return Engine(choice, sqs_url, engines.PROMISES[choice])
    return Engine("the one you named", choice.rstrip("/"), engines.NAMED_PROMISE)


def start_doors(
    place: Home, product: Mapping[str, str], listening: socket.socket, processes: Processes
) -> int:
    """Start the worker and HTTP; returns where the worker will say that tables and queues exist."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "infra.local.worker", str(writing)]
    log = place.logs / "worker.log"
    try:
        processes.doors.append(children.start("worker", command, product, log, (writing,), PROJECT))
    finally:
        os.close(writing)
    start_http(1, place, product, listening, processes)
    return reading


def start_http(
    number: int, place: Home, product: Mapping[str, str], listening: socket.socket, processes: Processes
) -> None:
    name, descriptor = f"http-{number}", listening.fileno()
    command = [sys.executable, "-m", "infra.local.front", str(descriptor)]
    log = place.logs / f"{name}.log"
    processes.doors.append(children.start(name, command, product, log, (descriptor,), PROJECT))


def wait_until_ready(
    processes: Processes, reading: int, listening: socket.socket, stop: threading.Event
) -> list[str]:
    """Return the new tables' names once tables exist and HTTP answers.

    ChildError when it does not come to that; KeyboardInterrupt when `stop` comes first.
    """
    deadline = time.monotonic() + READY_SECONDS
    prepared: list[dict[str, Any]] = []

    def read() -> None:
        with os.fdopen(reading, encoding="utf-8") as pipe, contextlib.suppress(ValueError):
            prepared.append(json.loads(pipe.read()))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while time.monotonic() < deadline:
        if stop.is_set():
            raise KeyboardInterrupt
        processes.check()
        reader.join(0.02)
        if prepared and _answers(*listening.getsockname()[:2]):
            return list(prepared[0]["new_tables"])
    logs = processes.doors[0].log.parent
    raise ChildError(f"The suite did not answer within {READY_SECONDS:g} seconds; see {logs}")


def _answers(host: str, port: int) -> bool:
    # An address of zeros alone is every interface, of which this one is nearest.
    reached = host if host.strip("0.:") else LOOPBACK
    connection = http.client.HTTPConnection(reached, port, timeout=5)
    try:
        connection.request("GET", HEALTH_PATH)
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def signals_set(stop: threading.Event) -> Iterator[None]:
    """Within the block Ctrl-C, a closed terminal and SIGTERM set `stop` instead of ending this process."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(place: Home, host: str, port: int, choice: str, say: Callable[[str], None]) -> None:
    """Run until a signal. PortTakenError, NoEngineError, ChildError: all it started has ended then."""
    stop, processes = threading.Event(), Processes()
    listening = listen(host, port)
    base_url = f"http://localhost:{listening.getsockname()[1]}"
    with signals_set(stop), contextlib.closing(listening), contextlib.ExitStack() as after:
        after.callback(place.suite.unlink, missing_ok=True)
        after.callback(processes.stop)
        engine, sqs_url = start_engines(place, choice, processes)
        product = environment.product_environment(place, base_url, engine.url, sqs_url)
        reading = start_doors(place, product, listening, processes)
        new_tables = wait_until_ready(processes, reading, listening, stop)
        for number in range(2, HTTP_PROCESSES + 1):  # after the first, which the start waits for
            start_http(number, place, product, listening, processes)
        pids = {child.name: child.process.pid for child in processes.all()}
        announce(place, Suite(os.getpid(), base_url, engine.name, engine.url, sqs_url, pids))
        say(terminal.ready(base_url, engine, place, host))
        if _from_nothing(new_tables) and SEED.exists():
            place.unplanted.touch()
        # A first start stopped while planting is made whole by the next: planting twice adds nothing.
        seeding = _start_seed(product, place) if place.unplanted.exists() else None
        if seeding:
            after.callback(children.stop, [seeding])
        while not stop.wait(LOOK_SECONDS):
            processes.check()
            if seeding and seeding.ended:
                say(seeding.last_words())
                seeding = None


def _from_nothing(new_tables: list[str]) -> bool:
    """Tell a first start from one that only added a table, whose data is the user's own."""
    return len(new_tables) == len(tables.table_definitions(environment.STAGE))


def _start_seed(product: Mapping[str, str], place: Home) -> Child:
    return children.start(
        "seed", [sys.executable, "-m", "infra.local", "seed"], product, place.logs / "seed.log", (), PROJECT
    )
