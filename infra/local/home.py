"""The folder a local run keeps everything in, the lock on it, and what that run tells others."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]


class AlreadyRunningError(Exception):
    """Another run holds this data folder."""


@dataclass(frozen=True, slots=True)
class Home:
    root: Path

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def codes(self) -> Path:
        return self.root / "codes"

    @property
    def outbox(self) -> Path:
        """Messages that would have gone to telephones."""
        return self.root / "outbox"

    @property
    def tokens(self) -> Path:
        return self.root / "tokens"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def database(self) -> Path:
        return self.root / "dynamodb" / "khidmat.sqlite"

    @property
    def ministack(self) -> Path:
        return self.root / "ministack"

    @property
    def positions(self) -> Path:
        return self.root / "positions.json"

    @property
    def suite(self) -> Path:
        return self.root / "suite.json"

    @property
    def unplanted(self) -> Path:
        """There from the first start until the demonstration's data is planted whole."""
        return self.root / "seed.unfinished"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def prepare(self) -> None:
        """Make the folders; keys, tokens and people's data are for this user's eyes only."""
        for folder in (
            self.keys,
            self.codes,
            self.outbox,
            self.tokens,
            self.logs,
            self.database.parent,
            self.ministack,
        ):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def clear(self) -> None:
        """Forget the data. Keys stay, so that a token printed before still opens the door."""
        for folder in (self.database.parent, self.ministack, self.codes, self.outbox):
            shutil.rmtree(folder, ignore_errors=True)
        self.positions.unlink(missing_ok=True)
        self.prepare()


@dataclass(frozen=True, slots=True)
class Suite:
    """What a running suite tells `tick` and `token`: where it answers and where its engines are."""

    pid: int
    base_url: str
    engine: str
    dynamodb_url: str
    sqs_url: str
    processes: dict[str, int]


def home() -> Home:
    return Home(Path(os.environ.get("KHIDMAT_HOME") or PROJECT / "var").resolve())


@contextmanager
def held(place: Home) -> Iterator[None]:
    """Hold the data folder for the length of the block. AlreadyRunningError if another process holds it.

    The lock is the kernel's: it goes with its process however that ends, so it is never stale.
    """
    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.lock.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "another process"
            raise AlreadyRunningError(
                f"Khidmat already runs on {place.root} (process {holder}). Stop it first, "
                "or give this run a folder of its own: KHIDMAT_HOME=/some/folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def running(place: Home) -> Suite | None:
    """Return the suite that holds this folder now, or None."""
    try:
        with held(place):
            return None
    except AlreadyRunningError:
        pass
    try:
        return Suite(**json.loads(place.suite.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # it is still starting


def announce(place: Home, suite: Suite) -> None:
    write_privately(place.suite, json.dumps(asdict(suite)))


def write_privately(path: Path, text: str) -> None:
    """Write whole or not at all, readable by this user only; on disk when it returns."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
