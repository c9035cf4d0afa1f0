"""Fire one scheduled function on demand, so that a deadline can be seen to pass without waiting for it."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local import environment, functions, suite, timers, worker
from infra.local.home import Home, held, running
from infra.local.tokens import DEFAULT_BASE_URL

if TYPE_CHECKING:
    from collections.abc import Iterator


def tick(place: Home, name: str, at: str, choice: str) -> int:
    """Print what the function called `name` returns, as JSON; 2 when a word cannot be read."""
    try:
        instant = timers.read_instant(at, datetime.now(UTC))
        with engines_at_hand(place, choice) as product, redirect_stdout(sys.stderr):  # logs go aside
            os.environ.update(product)
            function = functions.named(functions.scheduled(functions.load_app()), name)
            returned = function.invoke(timers.scheduled_event(function.name, instant))
    except (timers.InstantError, functions.UnknownFunctionError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(returned, ensure_ascii=False, default=str))
    return 0


@contextmanager
def engines_at_hand(place: Home, choice: str) -> Iterator[dict[str, str]]:
    """Give the product's environment: of the running suite, or of engines started for the block."""
    if now_running := running(place):
        yield environment.product_environment(
            place, now_running.base_url, now_running.dynamodb_url, now_running.sqs_url
        )
        return
    with held(place):
        place.prepare()
        processes = suite.Processes()
        try:
            engine, sqs_url = suite.start_engines(place, choice, processes)
            product = environment.product_environment(place, DEFAULT_BASE_URL, engine.url, sqs_url)
            os.environ.update(product)
            worker.prepare()
            yield product
        finally:
            processes.stop()
