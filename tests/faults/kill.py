"""Kill the whole suite with SIGKILL while it is written to, start it again, and look for every answered write.

python -m tests.faults.kill --rounds 50 [--target complaints|rows] [--engine dynoxide]
"""

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 4
START_SECONDS = 60


@dataclass(frozen=True)
class Target:
    """What is written and how it is looked for. `body` and `same` are given the write's number."""

    app: str
    path: str
    body: Callable[[str], dict]
    read: Callable[[str, dict], str]
    same: Callable[[str, dict], bool]
    role: str = "citizen"


def _text(number: str) -> str:
    # Long enough to span pages of the file, so that a torn write would show.
    return f"{number} " + "written once " * 60


ROWS = Target(
    app="tests.infra.local.sample_app:app",
    path="/v1/rows",
    body=lambda number: {"key": number, "text": _text(number)},
    read=lambda number, _: f"/v1/rows/{number}",
    same=lambda number, row: row["text"] == _text(number),
)
COMPLAINTS = Target(
    app="app:app",
    path="/v1/complaints",
    body=lambda number: {
        "category": "fir_not_registered",
        "narrative": _text(number).strip(),
        "complainant_name": "Sample Person",
        "phone": "0300 0000000",
        "station": "ps-lhr-mozang",
    },
    read=lambda _, told: f"/v1/complaints/{told['reference']}",
    same=lambda number, case: case["narrative"] == _text(number).strip(),
)
TARGETS = {"rows": ROWS, "complaints": COMPLAINTS}


@dataclass
class Tally:
    """What the rounds saw. Anything in `lost` or `torn` breaks the promise."""

    rounds: int = 0
    acknowledged: int = 0
    lost: list = field(default_factory=list)
    torn: list = field(default_factory=list)


class Run:
    """One suite in a process of its own, on a port and folder of its own."""

    def __init__(self, folder: Path, target: Target, engine: str) -> None:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "KHIDMAT_"))
        }
        environment |= {"KHIDMAT_HOME": str(folder), "KHIDMAT_APP": target.app, "PYTHONPATH": str(ROOT)}
        self._environment, self._folder = environment, folder
        with (folder.parent / "run.log").open("ab") as log:
            command = [sys.executable, "-m", "infra.local", "run", "--port", "0", "--engine", engine]
            self._process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        self._told = self._ready()
        self.port = urlsplit(self._told["base_url"]).port

    def _ready(self) -> dict:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError((self._folder.parent / "run.log").read_text())
            with suppress(OSError, ValueError):
                told = json.loads((self._folder / "suite.json").read_text())
                if told["pid"] == self._process.pid:
                    return told
            time.sleep(0.02)
        raise RuntimeError("the suite did not start")

    def token(self, role: str) -> str:
        command = [sys.executable, "-m", "infra.local", "token", role]
        return subprocess.run(
            command, env=self._environment, cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.strip()

    def kill(self) -> None:
        """SIGKILL every process of the run at once, so that none gets to say good-bye."""
        for pid in reversed(self._told["processes"].values()):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # each has a group of its own
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def request(port: int, method: str, path: str, token: str, body: dict | None = None) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    if body is not None:
        headers["Idempotency-Key"] = f"kill-{random.getrandbits(64):x}"
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answered = connection.getresponse()
        return answered.status, json.loads(answered.read())
    finally:
        connection.close()


def write_until_killed(run: Run, target: Target, token: str, prefix: str, answered: dict) -> None:
    for count in range(1_000_000):
        number = f"{prefix}-{count}"
        try:
            status, told = request(run.port, "POST", target.path, token, target.body(number))
        except (OSError, http.client.HTTPException, ValueError):
            return
        if status == http.HTTPStatus.CREATED:
            answered[number] = told
        elif status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise RuntimeError(f"{status} {told}")


def look_for(run: Run, target: Target, token: str, answered: dict, tally: Tally) -> None:
    for number, told in answered.items():
        status, row = request(run.port, "GET", target.read(number, told), token)
        if status != http.HTTPStatus.OK:
            tally.lost.append(number)
        elif not target.same(number, row):
            tally.torn.append(number)


def write_for(run: Run, target: Target, seconds: float, name: str) -> dict:
    """What was answered of what four writers sent until the kill, which comes that long after the first answer."""
    token, answered = run.token(target.role), {}
    writers = [
        threading.Thread(target=write_until_killed, args=(run, target, token, f"{name}-{each}", answered))
        for each in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    warm = time.monotonic() + START_SECONDS
    while not answered and time.monotonic() < warm:
        time.sleep(0.01)
    time.sleep(seconds)
    run.kill()
    for writer in writers:
        writer.join()
    return answered


def kill_rounds(
    rounds: int, target: Target, engine: str = "dynoxide", say: Callable[[str], None] = lambda _: None
) -> Tally:
    """Run `rounds` kills on one data folder that grows; what is started to look in is written to, and killed next."""
    tally = Tally()
    folder = Path(tempfile.mkdtemp(prefix="khidmat-kill-"))
    run = Run(folder / "var", target, engine)
    try:
        for number in range(rounds):
            answered = write_for(run, target, random.uniform(0.3, 1.2), f"r{number}")
            run = Run(folder / "var", target, engine)
            look_for(run, target, run.token(target.role), answered, tally)
            tally.rounds += 1
            tally.acknowledged += len(answered)
            say(
                f"round {number + 1}: {tally.acknowledged} answered, {len(tally.lost)} lost, {len(tally.torn)} torn"
            )
    finally:
        run.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--target", choices=sorted(TARGETS), default="complaints")
    parser.add_argument("--engine", default="dynoxide")
    asked = parser.parse_args()
    tally = kill_rounds(
        asked.rounds, TARGETS[asked.target], asked.engine, lambda text: print(text, flush=True)
    )
    return 1 if tally.lost or tally.torn or not tally.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
