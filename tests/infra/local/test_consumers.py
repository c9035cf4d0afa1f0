"""Queue and stream consumers against the real local engines."""

import json
import time
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from infra.local import queues, streams
from infra.local.functions import Function
from infra.local.positions import Positions

QUICK_VISIBILITY = 1


class Handler:
    """Stands for a function: keeps the events it got and fails for bodies or keys that hold `bad`."""

    def __init__(self, kind="partial"):
        self.kind, self.events = kind, []

    def function(self, name, batch_size=10):
        function = Function(name, "", SimpleNamespace(batch_size=batch_size))
        return _Called(function, self)

    def __call__(self, event):
        self.events.append(event)
        bad = [
            each for each in event["Records"] if "bad" in json.dumps(each.get("body") or each.get("dynamodb"))
        ]
        if bad and self.kind == "raise":
            raise RuntimeError("bad")
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in bad]}


class _Called(Function):
    __slots__ = ("_handler",)

    def __init__(self, function, handler):
        super().__init__(function.name, function.handler, function.source)
        object.__setattr__(self, "_handler", handler)

    def invoke(self, event):
        return self._handler(event)


@pytest.fixture
def queue(engine, request):
    client = engine.client("sqs")
    name = request.node.name.replace("_", "-")[-60:]
    dead = client.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    attributes = {"VisibilityTimeout": str(QUICK_VISIBILITY), "RedrivePolicy": redrive}
    client.create_queue(QueueName=name, Attributes=attributes)
    return SimpleNamespace(client=client, found=queues.find(client, name), dead=dead)


def left(queue, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = queue.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(value) for value in attributes.values())


@pytest.mark.engine
def test_a_message_arrives_in_lambdas_form(queue):
    handler = Handler()
    attribute = {"kind": {"DataType": "String", "StringValue": "x"}}
    queue.client.send_message(QueueUrl=queue.found.url, MessageBody="good", MessageAttributes=attribute)
    queues.deliver_once(queue.client, queue.found, handler.function("regroup"))
    record = handler.events[0]["Records"][0]
    assert set(record) == {
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource",
        "eventSourceARN", "awsRegion",
    }  # fmt: skip
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", queue.found.arn)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "x"


@pytest.mark.engine
def test_only_the_failed_message_of_a_batch_comes_again(queue):
    for body in ("good", "bad", "fine"):
        queue.client.send_message(QueueUrl=queue.found.url, MessageBody=body)
    handler = Handler()
    assert queues.deliver_once(queue.client, queue.found, handler.function("regroup")) == 2
    time.sleep(QUICK_VISIBILITY + 0.2)
    queues.deliver_once(queue.client, queue.found, handler.function("regroup"))
    assert [record["body"] for record in handler.events[1]["Records"]] == ["bad"]


@pytest.mark.engine
def test_a_message_that_keeps_failing_ends_in_the_dead_letters(queue):
    queue.client.send_message(QueueUrl=queue.found.url, MessageBody="bad")
    handler = Handler("raise")
    for _ in range(3):
        queues.deliver_once(queue.client, queue.found, handler.function("regroup"), wait_seconds=0)
        time.sleep(QUICK_VISIBILITY + 0.2)
    assert len(handler.events) == 2
    assert (left(queue, queue.found.url), left(queue, queue.dead)) == (0, 1)


@pytest.mark.engine
def test_consuming_stops_when_told(queue):
    stop, handler = Event(), Handler()
    thread = Thread(
        target=queues.consume, args=(queue.client, queue.found, handler.function("regroup"), stop)
    )
    thread.start()
    queue.client.send_message(QueueUrl=queue.found.url, MessageBody="good")
    wait_until(lambda: handler.events)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_a_queue_that_does_not_answer_is_asked_again(monkeypatch):
    monkeypatch.setattr(queues, "PAUSE_SECONDS", 0.01)
    stop, asked = Event(), []

    def receive_message(**_):
        asked.append(1)
        if len(asked) == 3:
            stop.set()
        raise ClientError({"Error": {"Code": "X"}}, "ReceiveMessage")

    client = SimpleNamespace(receive_message=receive_message)
    queues.consume(client, queues.Queue("u", "a", "r"), Handler().function("regroup"), stop)
    assert len(asked) == 3


@pytest.mark.parametrize(
    "returned", ["fine", {"batchItemFailures": [{}]}, {"batchItemFailures": [{"itemIdentifier": "z"}]}]
)
def test_a_malformed_partial_response_fails_the_whole_batch(returned):
    assert queues.failed_ids(returned, ["a", "b"]) == {"a", "b"}


def wait_until(condition, seconds=8):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)


@pytest.fixture
def table(engine, request):
    client = engine.client("dynamodb")
    name = f"khidmat-test-{request.node.name}"[:120].replace("[", "-").replace("]", "")
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "reference", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "reference", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )

    def put(*references):
        for reference in references:
            client.put_item(TableName=name, Item={"reference": {"S": reference}, "raw": {"B": b"\x00"}})

    return SimpleNamespace(put=put, arn=streams.stream_of(client, name))


def consumer_of(engine, table, handler, path, reports=None, batch_size=10):
    return streams.Consumer(
        function=handler.function("on_case", batch_size),
        client=engine.client("dynamodbstreams"),
        arn=table.arn,
        positions=Positions(path),
        report=(reports if reports is not None else []).append,
        stop=Event(),
    )


def references(handler):
    return [
        each["dynamodb"]["Keys"]["reference"]["S"] for event in handler.events for each in event["Records"]
    ]


def read_all(consumer):
    return sum(consumer.read_shard(shard) for shard in consumer._shards())


@pytest.mark.engine
def test_a_change_arrives_in_lambdas_form(engine, table, tmp_path):
    handler = Handler()
    table.put("a")
    read_all(consumer_of(engine, table, handler, tmp_path / "p.json"))
    record = json.loads(json.dumps(handler.events[0]))["Records"][0]
    assert (record["eventName"], record["eventSource"], record["eventSourceARN"]) == (
        "INSERT",
        "aws:dynamodb",
        table.arn,
    )
    assert record["dynamodb"]["NewImage"] == {"reference": {"S": "a"}, "raw": {"B": "AA=="}}
    assert abs(record["dynamodb"]["ApproximateCreationDateTime"] - time.time()) < 60
    assert record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.engine
def test_reading_begins_with_the_oldest_change_and_goes_by_batches(engine, table, tmp_path):
    handler = Handler()
    table.put("a", "b", "c", "d", "e")
    assert read_all(consumer_of(engine, table, handler, tmp_path / "p.json", batch_size=2)) == 5
    assert references(handler) == ["a", "b", "c", "d", "e"]
    assert max(len(event["Records"]) for event in handler.events) == 2


@pytest.mark.engine
def test_a_restart_goes_on_where_the_last_run_was(engine, table, tmp_path):
    table.put("a", "b")
    read_all(consumer_of(engine, table, Handler(), tmp_path / "p.json"))
    table.put("c")
    handler = Handler()
    read_all(consumer_of(engine, table, handler, tmp_path / "p.json"))
    assert references(handler) == ["c"]


@pytest.mark.engine
def test_a_run_killed_before_the_position_was_kept_repeats_and_skips_nothing(engine, table, tmp_path):
    table.put("a", "b")
    crashed = consumer_of(engine, table, Handler(), tmp_path / "p.json")

    def crash(*_):
        raise SystemExit

    crashed.positions.keep = crash
    with pytest.raises(SystemExit):
        read_all(crashed)
    handler = Handler()
    read_all(consumer_of(engine, table, handler, tmp_path / "p.json"))
    assert references(handler) == ["a", "b"]


@pytest.mark.engine
def test_a_poisoned_change_is_reported_and_the_next_ones_are_handled(engine, table, tmp_path, monkeypatch):
    monkeypatch.setattr("infra.local.batches.FIRST_PAUSE_SECONDS", 0.001)
    handler, reports = Handler("raise"), []
    table.put("a", "bad", "c")
    read_all(consumer_of(engine, table, handler, tmp_path / "p.json", reports))
    assert {"a", "c"} <= set(references(handler))
    told = json.loads(reports[0])
    assert told["requestContext"]["approximateInvokeCount"] == 5
    assert told["DDBStreamBatchInfo"]["streamArn"] == table.arn
    assert "reference" not in reports[0]


@pytest.mark.engine
def test_a_lost_position_is_read_again_from_the_beginning(engine, table, tmp_path):
    table.put("a")
    handler = Handler()
    consumer = consumer_of(engine, table, handler, tmp_path / "p.json")
    shard = consumer._shards()[0]
    consumer.positions.keep(consumer._key(shard), "not-a-number")
    asked = consumer.client.get_shard_iterator

    def strict(**request):
        if request["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER":
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        return asked(**request)

    consumer.client.get_shard_iterator = strict
    consumer.read_shard(shard)
    assert references(handler) == ["a"]


@pytest.mark.engine
def test_running_follows_the_stream_until_told_to_stop(engine, table, tmp_path):
    handler = Handler()
    consumer = consumer_of(engine, table, handler, tmp_path / "p.json")
    thread = Thread(target=consumer.run)
    thread.start()
    table.put("a")
    wait_until(lambda: references(handler) == ["a"])
    consumer.stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_trouble_with_the_stream_is_waited_out(monkeypatch):
    monkeypatch.setattr(streams, "TROUBLE_SECONDS", 0.01)
    stop, asked = Event(), []

    def describe_stream(**_):
        asked.append(1)
        if len(asked) == 2:
            stop.set()
        raise ClientError({"Error": {"Code": "X"}}, "DescribeStream")

    client = SimpleNamespace(describe_stream=describe_stream)
    streams.Consumer(Handler().function("on_case"), client, "arn", None, None, stop).run()
    assert len(asked) == 2


def test_a_report_that_fails_is_tried_again(monkeypatch):
    monkeypatch.setattr(streams, "TROUBLE_SECONDS", 0.001)
    tried = []

    def report(notice):
        tried.append(notice)
        if len(tried) == 1:
            raise ClientError({"Error": {"Code": "X"}}, "SendMessage")

    consumer = streams.Consumer(Handler().function("on_case"), None, "arn", None, report, Event())
    change = {
        "dynamodb": {"ApproximateCreationDateTime": 0.0, "SequenceNumber": "1"},
        "eventSourceARN": "arn",
    }
    consumer._give_up(change, "shard", 5)
    assert len(tried) == 2


def test_a_placeholder_stands_for_the_stages_table():
    assert streams.table_of("table/cases", "dev") == "khidmat-dev-cases"
