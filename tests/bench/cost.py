"""What one complaint costs: DynamoDB units and round trips, and dollars at the public price."""

from __future__ import annotations

from typing import Any

from infra.local import functions, streams, tokens
from tests.bench.calls import answered, listing, lodging, reading, stepping
from tests.bench.figures import Figure, at_most, told
from tests.bench.meter import Meter, metered
from tests.bench.stored import BODY, NARRATIVE, bearer, citizen_bearer, sign_in, store, temporary
from tests.engine import Engines
from tests.factories import complaint_body

USD_PER_MILLION_WRITES, USD_PER_MILLION_READS = 0.625, 0.125
"""On-demand request units, us-east-1, since November 2024: https://aws.amazon.com/dynamodb/pricing/on-demand/"""
LISTED, READS, LISTS = 25, 10, 5
OFFICER_STEPS: tuple[dict[str, Any], ...] = (
    {"action": "accept"},
    {"action": "contact", "outcome": "reached", "note": "Spoke with the complainant."},
    {
        "action": "report",
        "finding": "substantiated",
        "text": "Checked on the spot; the report is registered now.",
    },
)
CONFIRMED = {"action": "confirm", "rating": 4, "text": "Settled, thank you."}


def measure(cases: int) -> list[Figure]:
    with temporary() as folder, store(folder) as made:
        officer = bearer(folder, tokens.person_of("sdpo", "sdpo-civil-lines"))
        figures: list[Figure] = []
        for kind, body in (("ordinary", BODY), ("short", complaint_body())):
            owner = f"{kind:_<8}-0000-4000-8000-000000000000"  # as long as a user pool's subjects
            figures += _life(made, kind, body, citizen_bearer(sign_in(owner)), officer)
    return figures


def _life(made: Engines, kind: str, body: dict[str, Any], token: str, officer: str) -> list[Figure]:
    for number in range(LISTED - 1):
        answered(lodging(token, body, f"before-{number}"), 201)
    with metered() as submission:
        reference = answered(lodging(token, body, "life"), 201)["reference"]
    with metered() as rest:
        _live(token, officer, reference)
    with metered() as stream:
        _follow(made, reference)
    if not submission.trips or not stream.trips:
        raise RuntimeError("the database was reached by another way than botocore's: nothing was counted")
    return _figures(kind, len(body["narrative"]), submission, rest, stream)


def _live(token: str, officer: str, reference: str) -> None:
    for step in OFFICER_STEPS:
        answered(stepping(officer, reference, step), 200)
    answered(stepping(token, reference, CONFIRMED), 200)
    for _ in range(READS):
        answered(reading(token, reference), 200)
    for _ in range(LISTS):
        if len(answered(listing(token), 200)["items"]) != LISTED:
            raise RuntimeError("the list is not of 25")


def _follow(made: Engines, reference: str) -> None:
    """The stream's records of this case through the consumer that writes notices."""
    from app import app

    client = made.client("dynamodbstreams")
    arn = streams.stream_of(made.client("dynamodb"), streams.table_of("table/cases", "dev"))
    consumer = functions.named(functions.functions(app, "DynamoDBEventConfig"), "on_case_change")
    records = []
    for shard in client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        begin = client.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        records += client.get_records(ShardIterator=begin["ShardIterator"], Limit=1000)["Records"]
    of_case = [r for r in records if r["dynamodb"]["Keys"]["reference"]["S"] == reference]
    consumer.invoke({"Records": [streams.lambda_record(record, arn) for record in of_case]})


def usd(*meters: Meter) -> float:
    """Dollars for a million times what the meters saw."""
    return sum(m.write_units * USD_PER_MILLION_WRITES + m.read_units * USD_PER_MILLION_READS for m in meters)


def _figures(kind: str, length: int, submission: Meter, rest: Meter, stream: Meter) -> list[Figure]:
    how = (
        "ConsumedCapacity as the local engine reports it, through the handler; a short narrative has "
        f"{len(complaint_body()['narrative'])} characters, an ordinary one {len(NARRATIVE)}; a life is create, "
        "4 changes, 10 reads, 5 lists of 25"
    )
    price = (
        f"the units of the {kind} life (narrative of {length} characters) at {USD_PER_MILLION_WRITES} USD a million write units and "
        f"{USD_PER_MILLION_READS} a million read units (on demand, us-east-1); without gateway and Lambda"
    )
    wrote = submission.write_units + rest.write_units
    return [
        at_most(f"{kind} submission: write units", submission.write_units, "units", 3, how),
        at_most(f"{kind} submission: round trips", submission.trips.total(), "trips", 1, how),
        told(f"{kind} life: write units", wrote, "units", how),
        told(f"{kind} life: read units", submission.read_units + rest.read_units, "units", how),
        told(f"{kind} life: round trips", submission.trips.total() + rest.trips.total(), "trips", how),
        at_most(f"{kind} life: all requests", usd(submission, rest), "USD/million", 12, price),
        told(f"{kind} life: notices by stream", usd(stream), "USD/million", price),
    ]
