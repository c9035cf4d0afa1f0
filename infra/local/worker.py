"""The process that runs what no request asks for: schedules, queue and stream consumers.

Apart from the one that serves HTTP, so that neither waits for the other's interpreter lock.
Started by the runner: python -m infra.local.worker READY_DESCRIPTOR
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from infra import tables
from infra.local import functions, officers, queues, streams, timers
from infra.local.environment import STAGE
from infra.local.home import home
from infra.local.positions import Positions

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINE_SECONDS = 30.0
RETRY_SECONDS = 0.1
GRACE_SECONDS = 5.0
QUICK = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 2})
BUCKETS = QUICK.merge(Config(s3={"addressing_style": "path"}))
# dynoxide's sequence numbers are shorter than the SDK's own check wants.
UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 2})
Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


def prepare() -> list[str]:
    """Make queues and tables as soon as the engines answer; returns the tables that were new."""
    made_queues = _when_up(lambda: tables.ensure_queues(boto3.client("sqs", config=QUICK), STAGE))
    # By path: after a restart the engine still tells the port it had when it made the queue.
    expected = urlsplit(os.environ["KHIDMAT_REGROUP_QUEUE_URL"]).path
    if expected not in {urlsplit(url).path for url in made_queues.values()}:
        raise tables.TemplateError(f"the queue engine has no {expected}")
    _when_up(lambda: tables.ensure_buckets(boto3.client("s3", config=BUCKETS), STAGE))
    made = _when_up(lambda: tables.ensure_tables(boto3.client("dynamodb", config=QUICK), STAGE))
    officers.enrol(datetime.now(UTC))
    return made


def consumers(app: Any, stop: Event) -> list[Thread]:
    """Return a thread for each event function of the app, not yet started."""
    positions = Positions(home().positions)
    work = [(function.name, _timer_work(function, stop)) for function in functions.scheduled(app)]
    for function in functions.functions(app, "SQSEventConfig"):
        work.append((function.name, _queue_work(function, stop)))  # noqa: PERF401 - one form for the three
    for function in functions.functions(app, "DynamoDBEventConfig"):
        work.append((function.name, _stream_work(function, positions, stop)))  # noqa: PERF401 - as above
    return [Thread(target=run, name=name, daemon=True) for name, run in work]


def main(arguments: list[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("botocore").setLevel(logging.WARNING)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    new_tables = prepare()
    with os.fdopen(int(arguments[0]), "w", encoding="utf-8") as ready:
        ready.write(json.dumps({"new_tables": new_tables}))
    threads = consumers(functions.load_app(), stop)
    for thread in threads:
        thread.start()
    stop.wait()
    deadline = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    # What is still busy comes again after the next start; its thread must not keep the process.
    logging.shutdown()
    os._exit(0)


def _timer_work(function: functions.Function, stop: Event) -> Callable[[], None]:
    timers.check(function)
    return lambda: timers.fire_on_time(function, stop)


def _queue_work(function: functions.Function, stop: Event) -> Callable[[], None]:
    client = boto3.client("sqs", config=QUICK)
    return lambda: queues.consume(client, queue_of(client, function), function, stop)


def queue_of(client: Any, function: functions.Function) -> queues.Queue:
    # "khidmat-regroup" in the app is khidmat-STAGE-regroup: Chalice has no place for a stage in it.
    noun = function.source.queue.removeprefix("khidmat-")
    return queues.find(client, f"khidmat-{STAGE}-{noun}")


def _stream_work(function: functions.Function, positions: Positions, stop: Event) -> Callable[[], None]:
    return stream_consumer(function, positions, stop).run


def stream_consumer(function: functions.Function, positions: Positions, stop: Event) -> streams.Consumer:
    arn = streams.stream_of(
        boto3.client("dynamodb", config=QUICK), streams.table_of(function.source.stream_arn, STAGE)
    )
    sqs = boto3.client("sqs", config=QUICK)
    failures = sqs.get_queue_url(QueueName=f"khidmat-{STAGE}-stream-failures")["QueueUrl"]
    return streams.Consumer(
        function=function,
        client=boto3.client("dynamodbstreams", config=UNCHECKED),
        arn=arn,
        positions=positions,
        report=lambda notice: sqs.send_message(QueueUrl=failures, MessageBody=notice),
        stop=stop,
    )


def _when_up(ask: Callable[[], Answer]) -> Answer:
    deadline = time.monotonic() + ENGINE_SECONDS
    while True:
        try:
            return ask()
        except BotoCoreError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
