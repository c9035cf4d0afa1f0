"""The command: a simulated year through the handlers, or over memory for rows to learn from."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import environment, functions, tick
from infra.local.home import PROJECT, Home
from infra.local.tokens import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from infra.local.simulation.outcome import Outcome

FOLDER = PROJECT / "var" / "simulated"
MARK = "simulated.json"
MEMORY = "memory"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108  # nosec B108  # the folder made in it is this user's alone
LEAST_FREE_BYTES = 2**30
SAID_EVERY_SECONDS = 10.0


class NotSimulatedError(Exception):
    """The folder holds data that no simulation made."""


@dataclass(frozen=True, slots=True)
class Asked:
    year: int
    scale: float
    seed: int
    engine: str = ""
    days: int = 365
    folder: Path = FOLDER
    rows: Path | None = None

    @property
    def source(self) -> str:
        way = "domain over memory" if self.engine == MEMORY else "handlers"
        return f"simulated {self.year}, scale {self.scale:g}, seed {self.seed} ({way})"


def simulate(asked: Asked, say: Callable[[str], None]) -> Outcome:
    """Run, print the figures, and leave a data folder that `make run` opens."""
    started = time.monotonic()
    place = Home(asked.folder.resolve())
    if asked.engine == MEMORY:
        found, spent = _over_memory(asked, place, say)
    else:
        found, spent = _through_handlers(asked, place, say)
    from functions.domain import forecast  # noqa: PLC0415 - the product is loaded once its settings are there
    from infra.local.simulation import outcome  # noqa: PLC0415 - as above

    say(f"{asked.source}: {spent}, {time.monotonic() - started:.0f} s")
    for line in outcome.lines(found, forecast.weights().threshold):
        say(line)
    if asked.engine != MEMORY:
        told = {"source": asked.source, "outcome": found.as_json()}
        (place.root / MARK).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        say(f"To look at it: KHIDMAT_HOME={place.root} make run")
    return found


def _through_handlers(asked: Asked, kept: Home, say: Callable[[str], None]) -> tuple[Outcome, str]:
    _begin_anew(kept, asked)
    with _workshop(kept) as place:
        return _run_in(asked, place, say)


@contextmanager
def _workshop(kept: Home) -> Iterator[Home]:
    """A folder in memory where there is one, copied to `kept` in the end: else each write waits for a disk.

    Who loses a simulation runs it again; a suite's own data is never kept so.
    """
    if (
        not (MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK))
        or _free(MEMORY_DISK) < LEAST_FREE_BYTES
    ):
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="khidmat-simulated-", dir=MEMORY_DISK) as folder:
        shutil.copytree(kept.root, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock"))
        yield Home(Path(folder))
        shutil.copytree(folder, kept.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("lock"))


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _run_in(asked: Asked, place: Home, say: Callable[[str], None]) -> tuple[Outcome, str]:
    os.environ["KHIDMAT_HOME"] = str(place.root)
    with tick.engines_at_hand(place, asked.engine) as product, redirect_stdout(sys.stderr):
        os.environ.update(product)
        app = functions.load_app()
        from functions import instant  # noqa: PLC0415 - it loads the product, whose settings are there by now
        from infra.local.simulation import handlers, outcome, year  # noqa: PLC0415 - as above
        from infra.local.simulation.rows import Rows  # noqa: PLC0415 - as above

        clock: list[datetime] = []
        rows = Rows() if asked.rows else None
        with instant.told_by(lambda: clock[0]), _quiet():
            world = handlers.Handlers(place, app, clock)
            run, arrivals = year.simulated(world, asked.year, asked.scale, asked.seed, rows, asked.days)
            handlers.enrol(arrivals[0].at)
            end = run.run(_progress(len(arrivals), say))
            world.publish(end)
            found = world.every_case()
            if rows and asked.rows:
                rows.write(asked.rows, found, asked.source)
            spent = f"{world.requests:,} requests ({_counted(world.refused)} refused), {run.ticks:,} sweeps"
            return outcome.outcome(found), spent


def _over_memory(asked: Asked, place: Home, say: Callable[[str], None]) -> tuple[Outcome, str]:
    place.prepare()
    os.environ.update(environment.product_environment(place, DEFAULT_BASE_URL, "http://none", "http://none"))
    from infra.local.simulation import memory, outcome, year  # noqa: PLC0415 - it loads the product
    from infra.local.simulation.rows import Rows  # noqa: PLC0415 - as above

    rows, store = Rows() if asked.rows else None, memory.Store()
    with memory.kept_in(store), _quiet():
        world = memory.Memory(store)
        run, arrivals = year.simulated(world, asked.year, asked.scale, asked.seed, rows, asked.days)
        run.run(_progress(len(arrivals), say))
        found = world.every_case()
        if rows and asked.rows:
            rows.write(asked.rows, found, asked.source)
        return outcome.outcome(found), f"{_counted(world.refused)} steps refused, {run.ticks:,} sweeps"


def _counted(refused: dict[str, int]) -> str:
    total = sum(refused.values())
    named = ", ".join(f"{kind.rsplit('/', 1)[-1]} {n}" for kind, n in sorted(refused.items()))
    return f"{total:,}: {named}" if named else "0"


def _begin_anew(place: Home, asked: Asked) -> None:
    """Forget what a former simulation left there, and nothing else. NotSimulatedError for other data."""
    mark = place.root / MARK
    if place.database.parent.exists() and any(place.database.parent.iterdir()) and not mark.exists():
        raise NotSimulatedError(f"{place.root} holds data that no simulation made: give another --home")
    place.prepare()
    place.clear()
    # Said before there is any data, so that a simulation that was stopped can be begun anew.
    mark.write_text(json.dumps({"source": asked.source, "outcome": None}) + "\n", encoding="utf-8")


def _progress(cases: int, say: Callable[[str], None]) -> Callable[[datetime], None]:
    said = [time.monotonic()]

    def tell(at: datetime) -> None:
        if time.monotonic() - said[0] > SAID_EVERY_SECONDS:
            said[0] = time.monotonic()
            say(f"  {at:%d %B %Y} of {cases:,} cases' year")

    return tell


@contextmanager
def _quiet() -> Iterator[None]:
    """Within the block the product's log keeps to warnings: a year of it would bury the figures."""
    log = logging.getLogger("khidmat")
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)
