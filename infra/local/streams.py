"""Stream consumers: read a table's changes from the kept position and deliver them as Lambda does."""

from __future__ import annotations

import base64
import json
import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.batches import Delivery, StoppedError, sequence_number
from infra.tables import LOCAL_REGION

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from infra.local.functions import Function
    from infra.local.positions import Positions

IDLE_SECONDS = 0.3
TROUBLE_SECONDS = 2.0
# Said when a position is older than what the engine kept, or is from a stream that began anew.
LOST_POSITION = {"TrimmedDataAccessException", "ValidationException", "ResourceNotFoundException"}
log = logging.getLogger(__name__)


def table_of(placeholder: str, stage: str) -> str:
    """Return the table that an app's `stream_arn="table/NOUN"` stands for at this stage."""
    return f"khidmat-{stage}-{placeholder.removeprefix('table/')}"


def stream_of(dynamodb: Any, table: str) -> str:
    return str(dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"])


def lambda_record(record: dict[str, Any], arn: str) -> dict[str, Any]:
    """Return a record of GetRecords as Lambda passes it on: time in epoch seconds, bytes as base64."""
    change = dict(record["dynamodb"])
    created: datetime = change["ApproximateCreationDateTime"]
    change["ApproximateCreationDateTime"] = created.timestamp()
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": LOCAL_REGION,
        "dynamodb": _as_json(change),
        "eventSourceARN": arn,
    }


def failure_notice(record: dict[str, Any], function: Function, shard: str, attempts: int) -> str:
    """Return Lambda's message to the on-failure queue: where the record is, not what it says."""
    created = datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC).isoformat()
    number = sequence_number(record)
    notice = {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function.name,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": number,
            "endSequenceNumber": number,
            "approximateArrivalOfFirstRecord": created,
            "approximateArrivalOfLastRecord": created,
            "batchSize": 1,
            "streamArn": record["eventSourceARN"],
        },
    }
    return json.dumps(notice)


@dataclass(frozen=True, slots=True)
class Consumer:
    """One function on one table's stream. `report` takes the notice of a record that was given up."""

    function: Function
    client: Any
    arn: str
    positions: Positions
    report: Callable[[str], None]
    stop: Event

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                read = self.read_all()
            except StoppedError:
                return
            except Exception:
                if not self.stop.is_set():
                    log.exception("the stream of %s could not be read", self.function.name)
                self.stop.wait(TROUBLE_SECONDS)
                continue
            if not read:
                self.stop.wait(IDLE_SECONDS)

    def read_all(self) -> int:
        """Deliver what is new in the table; returns how many records there were."""
        return sum(self.read_shard(shard) for shard in self._shards())

    def read_shard(self, shard: str) -> int:
        """Deliver what is new in a shard; returns how many records there were."""
        total, iterator = 0, self._iterator(shard)
        while iterator and not self.stop.is_set():
            answer = self.client.get_records(ShardIterator=iterator, Limit=self.function.source.batch_size)
            records = [lambda_record(record, self.arn) for record in answer["Records"]]
            if not records:
                break
            self._delivery(shard).deliver(records)
            total += len(records)
            iterator = answer.get("NextShardIterator")
        return total

    def _shards(self) -> list[str]:
        """Return every shard, oldest first, so that a parent is read before its children."""
        shards: list[str] = []
        following: dict[str, str] = {}
        while True:
            described = self.client.describe_stream(StreamArn=self.arn, **following)["StreamDescription"]
            shards += [shard["ShardId"] for shard in described["Shards"]]
            if not described.get("LastEvaluatedShardId"):
                return shards
            following = {"ExclusiveStartShardId": described["LastEvaluatedShardId"]}

    def _iterator(self, shard: str) -> str:
        where = {"StreamArn": self.arn, "ShardId": shard}
        if position := self.positions.get(self._key(shard)):
            try:
                after = self.client.get_shard_iterator(
                    **where, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=position
                )
                return str(after["ShardIterator"])
            except ClientError as error:
                if error.response["Error"]["Code"] not in LOST_POSITION:
                    raise
                log.warning("the position in %s is lost; it is read again from its beginning", shard)
                self.positions.forget(self._key(shard))
        oldest = self.client.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")
        return str(oldest["ShardIterator"])

    def _delivery(self, shard: str) -> Delivery:
        return Delivery(
            invoke=lambda records: self.function.invoke({"Records": records}),
            done=lambda record: self.positions.keep(self._key(shard), sequence_number(record)),
            aside=lambda record, attempts: self._give_up(record, shard, attempts),
            pause=self._pause,
        )

    def _give_up(self, record: dict[str, Any], shard: str, attempts: int) -> None:
        notice = failure_notice(record, self.function, shard, attempts)
        while True:
            try:
                self.report(notice)
            except (BotoCoreError, ClientError):
                log.exception("a record that failed could not be reported; trying again")
                self._pause(TROUBLE_SECONDS)
            else:
                return

    def _pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise StoppedError

    def _key(self, shard: str) -> str:
        return f"{self.function.name} {self.arn} {shard}"


def _as_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_json(each) for each in value]
    return value
