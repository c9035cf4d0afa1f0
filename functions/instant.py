"""The instant something is answered at: the machine's clock, or in a simulation the simulated one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from functions.settings import SettingsError, stage

TOLD_STAGES = frozenset({"dev", "test"})


def _machine() -> datetime:
    return datetime.now(UTC)


_clock: list[Callable[[], datetime]] = [_machine]


def now() -> datetime:
    return _clock[-1]()


@contextmanager
def told_by(clock: Callable[[], datetime]) -> Iterator[None]:
    """Within the block `now` is what `clock` says. SettingsError where real people could be served.

    Whether a token holds is never asked of it.
    """
    if stage() not in TOLD_STAGES:
        raise SettingsError("a simulated clock is for a local run: it would move everybody's deadlines")
    _clock.append(clock)
    try:
        yield
    finally:
        _clock.remove(clock)
