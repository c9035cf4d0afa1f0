"""The processes of a local run: started together, stopped together, none left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TETHER = Path(__file__).with_name("tether.py")
LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 6.0
TAIL_LINES = 15


class ChildError(Exception):
    """A process of the run did not start, or ended before it should."""


@dataclass(frozen=True, slots=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(
                self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
            )
        return ""


def start(
    name: str,
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    log: Path,
    descriptors: tuple[int, ...] = (),
    folder: Path | None = None,
) -> Child:
    """Start `command` tied to this process's life, its output in `log`.

    Call from the main thread: Linux counts the thread that starts a child as its parent.
    It gets a session of its own, so that Ctrl-C reaches the runner alone, which stops the others in order.
    """
    tethered = [sys.executable, "-I", "-S", TETHER, str(os.getpid()), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(  # nosec B603  # the runner's own commands, and no shell
            [str(part) for part in tethered],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=descriptors,
            cwd=folder,
        )
    return Child(name, process, log)


def stop(children: Iterable[Child], grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask all to end, wait, and end by force those that did not."""
    alive = [child for child in children if not child.ended]
    for child in alive:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    for child in alive:
        try:
            child.process.wait(max(0.05, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.process.wait()


def wait_for_port(child: Child, port: int, seconds: float) -> None:
    """Return when `port` on the loopback accepts. ChildError when the child ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.ended:
            raise ChildError(f"{child.name} ended at once:\n{child.last_words()}")
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=0.2):
            return
        time.sleep(0.02)
    raise ChildError(f"{child.name} did not answer within {seconds:g} seconds:\n{child.last_words()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _signal(child: Child, number: int) -> None:
    # The whole group: where the tether stays, its command ends with it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)
