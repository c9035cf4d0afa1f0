"""The one-machine suite: python -m infra.local run | token ROLE | tick FUNCTION | seed | simulate."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local import citizens, environment, suite, tokens
from infra.local.children import ChildError
from infra.local.engines import NoEngineError
from infra.local.environment import StageError
from infra.local.home import AlreadyRunningError, held, home, running
from infra.local.simulation import command as simulation
from infra.local.tokens import DEFAULT_BASE_URL, UnknownPersonError

if TYPE_CHECKING:
    from collections.abc import Sequence

MISUSED, FAILED = 2, 1
MISUSES = (
    AlreadyRunningError,
    suite.PortTakenError,
    StageError,
    UnknownPersonError,
    simulation.NotSimulatedError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        environment.refuse_other_stages()
        code: int = asked.command(asked)
    except MISUSES as error:
        print(error, file=sys.stderr)
        return MISUSED
    except (NoEngineError, ChildError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 0
    return code


def run(asked: argparse.Namespace) -> int:
    place = home()
    with held(place):
        place.prepare()
        if asked.fresh:
            place.clear()
        suite.serve(place, asked.host, asked.port, asked.engine, lambda text: print(text, flush=True))
    return 0


def token(asked: argparse.Namespace) -> int:
    place = home()
    place.prepare()
    if asked.role == citizens.ROLE:
        print(citizens.access_token(place, asked.name, asked.engine))
        return 0
    person = tokens.person_of(asked.role, asked.name)
    now = datetime.now(UTC)
    print(tokens.access_token(place, person, _base_url(asked.port), now, timedelta(minutes=asked.minutes)))
    return 0


def tick(asked: argparse.Namespace) -> int:
    """Run one scheduled function now, as if it were `--at`."""
    from infra.local import tick as ticking  # noqa: PLC0415 - loads the SDK, which the other commands do without

    return ticking.tick(home(), asked.function, asked.at, asked.engine)


def seed(_: argparse.Namespace) -> int:
    """Plant the demonstration's data; the runner calls this when it made new tables."""
    from infra.local import seed as seeding  # noqa: PLC0415 - it loads the product

    if said := seeding.plant(datetime.now(UTC)):
        print(said)
    home().unplanted.unlink(missing_ok=True)
    return 0


def simulate(given: argparse.Namespace) -> int:
    """Run a simulated year of complaints through the handlers and print what came of it."""
    asked = simulation.Asked(
        given.year, given.scale, given.seed, given.engine, given.days, given.home, given.rows
    )
    out = sys.stdout  # the product's own log goes aside
    # Stopped by another program it tidies up as it does for Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        simulation.simulate(asked, lambda text: print(text, file=out, flush=True))
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _base_url(port: int) -> str:
    if port:
        return f"http://localhost:{port}"
    now_running = running(home())
    return now_running.base_url if now_running else DEFAULT_BASE_URL


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Khidmat on one machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    engine_help = "dynoxide, ministack, or the URL of a DynamoDB (default: dynoxide where it can be had)"
    chosen = os.environ.get("KHIDMAT_ENGINE", "")

    running_it = commands.add_parser("run", help="the whole suite, until Ctrl-C")
    running_it.add_argument("--port", type=int, default=8000)
    running_it.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    running_it.add_argument("--fresh", action="store_true", help="forget the data and start over")
    running_it.add_argument("--engine", default=chosen, help=engine_help)
    running_it.set_defaults(command=run)

    minting = commands.add_parser("token", help="print a bearer token for a demonstration person")
    minting.add_argument("role")
    minting.add_argument("--name", default="", help="which person of the role (default: the first)")
    minting.add_argument(
        "--minutes", type=int, default=60, help="of an officer's token; a citizen's lasts ten"
    )
    minting.add_argument("--engine", default=chosen, help=engine_help)
    minting.add_argument(
        "--port", type=int, default=0, help="of the suite it is for (default: the running one, 8000)"
    )
    minting.set_defaults(command=token)

    ticking = commands.add_parser("tick", help="run one scheduled function now")
    ticking.add_argument("function", help="its name or a part of it, such as overdue")
    ticking.add_argument("--at", default="+0m", help="the time it is told: 2026-11-23T09:00:00+05:00, or +9h")
    ticking.add_argument("--engine", default=chosen, help=engine_help)
    ticking.set_defaults(command=tick)

    simulating = commands.add_parser("simulate", help="a simulated year of complaints, through the handlers")
    simulating.add_argument("--year", type=int, default=2025)
    simulating.add_argument("--scale", type=float, default=0.005, help="of the real volume (default 0.005)")
    simulating.add_argument("--seed", type=int, default=1)
    simulating.add_argument("--days", type=int, default=365, help="of the year, from its first")
    simulating.add_argument(
        "--home", type=Path, default=simulation.FOLDER, help="its data folder (default: var/simulated)"
    )
    simulating.add_argument("--rows", type=Path, help="also write rows for python -m feedback_ml breaches")
    simulating.add_argument(
        "--engine", default=chosen, help=f"{engine_help}; memory: the domain alone, nothing is kept"
    )
    simulating.set_defaults(command=simulate)

    commands.add_parser("seed", help="plant the demonstration's data").set_defaults(command=seed)
    return parser


if __name__ == "__main__":
    sys.exit(main())
