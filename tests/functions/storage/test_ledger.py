import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.domain.history import next_entry
from functions.domain.ledger import lines_of_change
from functions.storage import ledger
from functions.storage.tables import StoreFailureError
from tests.factories import NOON

pytestmark = pytest.mark.usefixtures("tables")
BUCKET = "khidmat-test-ledger-000000000000"
DAY = NOON.date()
NAME = f"entries/{DAY}/1-2-cases.jsonl"


@pytest.fixture
def lines():
    first = next_entry((), at=NOON, actor="citizen-1", role="citizen", action="lodge", text="sealed")
    gone = next_entry((first,), at=NOON, actor="sdpo-1", role="sdpo", action="accept", facts=(("a", "ب"),))
    return lines_of_change("case:KH-2345-6789-A", (gone,), (first,))


@pytest.fixture
def put(lines):
    ledger.put_lines(DAY, "1-2-cases", lines)
    return lines


def store():
    return boto3.client("s3")


def overwrite(body, name=NAME):
    store().put_object(Bucket=BUCKET, Key=name, Body=body)


def test_what_was_put_is_read_as_it_was_without_its_text(put):
    (copy,) = ledger.copies_of(DAY)
    read = ledger.read_lines(copy)

    assert [(line.key, line.text_digest, line.removed, line.entry.facts) for line in read] == [
        (line.key, line.text_digest, line.removed, line.entry.facts) for line in put
    ]
    assert {line.entry.text for line in read} == {""}
    assert put[0].entry.text == "sealed"


def test_the_same_batch_again_is_no_second_version(put):
    ledger.put_lines(DAY, "1-2-cases", put)
    ledger.put_lines(DAY, "1-2-cases", put[:1])

    assert len(store().list_object_versions(Bucket=BUCKET)["Versions"]) == 1


def test_the_first_version_counts_whatever_came_later(put):
    overwrite(b"later")
    (copy,) = ledger.copies_of(DAY)

    assert copy.replaced
    assert [line.key for line in ledger.read_lines(copy)] == [line.key for line in put]


def test_a_later_version_that_says_the_same_is_none(put):
    overwrite(ledger.read(ledger.copies_of(DAY)[0]).encode())

    assert not ledger.copies_of(DAY)[0].replaced


def test_a_delete_marker_hides_nothing(put):
    store().delete_object(Bucket=BUCKET, Key=NAME)
    (copy,) = ledger.copies_of(DAY)

    assert copy.replaced
    assert len(ledger.read_lines(copy)) == len(put)
    assert ledger.days() == ([DAY], [])


@pytest.mark.parametrize(
    "body",
    [b"nonsense", b"[]", b'"x"', b"{}", b'{"of": "x", "n": 1}', b'{"of": [1]}', b"\xff\xfe",
     b'{"of": "x", "n": "1", "at": "2026-03-02T07:00:00.000000Z", "by": "a", "as": "b", "do": "c"}'],
)  # fmt: skip
def test_what_is_no_entry_is_there_under_its_objects_name(body):
    overwrite(body)
    (line,) = ledger.read_lines(ledger.copies_of(DAY)[0])

    assert (line.key, line.unreadable) == ((NAME, 1), True)


def test_the_days_there_are_copies_of_and_what_lies_beside_them(put):
    for name in ("entries/stray", "entries/2026-W10-1/x", f"entries/{DAY}", "entries/2025-12-31/a"):
        overwrite(b"x", name)
    days, strays = ledger.days()

    assert [day.isoformat() for day in days if day != DAY] == ["2025-12-31"]
    assert strays == [f"entries/{DAY}", "entries/2026-W10-1/", "entries/stray"]


def test_a_root_is_put_once_and_read_as_it_was_first():
    ledger.put_root(DAY, "first")
    ledger.put_root(DAY, "second")
    (copy,) = ledger.roots()

    assert (copy.day, ledger.root(DAY), ledger.read(copy)) == (DAY, "first", "first")
    assert ledger.root(NOON.replace(year=2027).date()) is None


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ConditionalRequestConflict"}}, "PutObject"),
        ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"),
        EndpointConnectionError(endpoint_url="away"),
    ],
)
def test_a_batch_that_was_not_stored_is_a_failure(monkeypatch, lines, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(ledger.client(), "put_object", fail)

    with pytest.raises(StoreFailureError):
        ledger.put_lines(DAY, "1-2-cases", lines)
