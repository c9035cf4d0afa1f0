"""CPU of the handler alone, event in and answer out: python -m tests.bench.handler [--profile create|read|list]."""

from __future__ import annotations

import argparse
import cProfile
import itertools
import logging
import pstats
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from tests.bench.calls import answered, listing, lodging, reading
from tests.bench.canned import Recorded, recording, replaying
from tests.bench.figures import Figure, at_most, middle, told
from tests.bench.stored import BODY, citizen_bearer, sign_in, store, temporary
from tests.http import Context

ROUNDS, CALLS, WARM = 15, 30, 40
STORED, LISTED = 30, 25
GOALS_MS = {"create": 0.7, "read": 0.5, "list of 25": 1.5}
TRIPS = {"create": 1, "read": 2, "list of 25": 2}
"""Round trips each: a citizen's row is looked up with all but a submission."""
Call = Callable[[], Any]


@dataclass(frozen=True)
class Subjects:
    """What is measured by name, and the database's answers it is measured with."""

    ours: dict[str, Call]
    plain: dict[str, Call]
    recorded: Recorded


def measure(cases: int) -> list[Figure]:
    with subjects() as measured, replaying(measured.recorded):
        ours = cpu_ms(measured.ours)
        before = measured.recorded.given.total()
        for call in measured.ours.values():
            call()
        if measured.recorded.given.total() != before + sum(TRIPS.values()):
            raise RuntimeError(
                "the database was reached by another way than botocore's: nothing was measured"
            )
        plain = cpu_ms(measured.plain)
    how = (
        f"app(event, context) with a full REST event, the database's answers replayed below botocore; median of "
        f"{ROUNDS} rounds of {CALLS} calls, process CPU; the SDK's own time is in it"
    )
    floor = "the same put_item / get_item / query of 26 by a plain boto3 client in the same run, same replay"
    rows = [at_most(f"handler: {name}", ours[name], "ms CPU", GOALS_MS[name], how) for name in ours]
    return rows + [told(f"plain boto3: {name}", plain[name], "ms CPU", floor) for name in plain]


@contextmanager
def subjects() -> Iterator[Subjects]:
    """Real requests once against the engine, so that what is replayed is what it says."""
    from app import app

    recorded = Recorded()
    with temporary() as folder, store(folder):
        logging.getLogger("khidmat").setLevel(logging.WARNING)  # a terminal's time is not the handler's
        token = citizen_bearer(sign_in("bench-handler"))
        for number in range(STORED):
            reference = answered(lodging(token, BODY, f"first-{number}"), 201)["reference"]
        keys = itertools.count()
        read, listed = reading(token, reference), listing(token)
        with recording(recorded):
            answered(lodging(token, BODY, "recorded"), 201)
            answered(read, 200)
            if len(answered(listed, 200)["items"]) != LISTED:
                raise RuntimeError("the list is not of 25")
        ours = {
            "create": lambda: app(lodging(token, BODY, f"k-{next(keys)}"), Context()),
            "read": lambda: app(read, Context()),
            "list of 25": lambda: app(listed, Context()),
        }
        yield Subjects(ours, _plain(reference), recorded)


def _plain(reference: str) -> dict[str, Call]:
    client = boto3.client("dynamodb")
    table, key = "khidmat-dev-cases", {"reference": {"S": reference}}
    item = client.get_item(TableName=table, Key=key)["Item"]
    query = {
        "TableName": table,
        "IndexName": "by_owner",
        "KeyConditionExpression": "#o = :o",
        "ExpressionAttributeNames": {"#o": "owner"},
        "ExpressionAttributeValues": {":o": {"S": "bench-handler"}},
        "Limit": LISTED + 1,
    }
    condition = {"ConditionExpression": "attribute_not_exists(reference)"}
    return {
        "create": lambda: client.put_item(TableName=table, Item=item, **condition),
        "read": lambda: client.get_item(TableName=table, Key=key, ConsistentRead=True),
        "list of 25": lambda: client.query(**query),
    }


def cpu_ms(calls: dict[str, Call]) -> dict[str, float]:
    """Milliseconds of CPU a call; the rounds go in turn, so that a busy moment falls on all."""
    for call in calls.values():
        for _ in range(WARM):
            call()
    rounds: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            begun = time.process_time()
            for _ in range(CALLS):
                call()
            rounds[name].append((time.process_time() - begun) / CALLS * 1000)
    return {name: middle(each) for name, each in rounds.items()}


def profile(name: str, calls: int, lines: int) -> None:
    """Where the time of one kind of request goes, by cProfile; the overhead of measuring is in it."""
    with subjects() as measured, replaying(measured.recorded):
        call = next(call for known, call in measured.ours.items() if known.startswith(name))
        for _ in range(WARM):
            call()
        profiler = cProfile.Profile()
        profiler.enable()
        for _ in range(calls):
            call()
        profiler.disable()
    statistics = pstats.Stats(profiler).strip_dirs()
    statistics.sort_stats("cumulative").print_stats(lines)
    statistics.sort_stats("tottime").print_stats(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.handler")
    parser.add_argument("--profile", choices=("create", "read", "list"), default="list")
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--lines", type=int, default=45)
    asked = parser.parse_args()
    profile(asked.profile, asked.calls, asked.lines)


if __name__ == "__main__":
    main()
