import pytest

from infra.local.batches import ATTEMPTS, Delivery, StoppedError, first_failure
from infra.local.positions import Positions


def record(number):
    return {"dynamodb": {"SequenceNumber": str(number)}}


class Shard:
    """Records 1 to n for a handler that fails on some, and what became of them."""

    def __init__(self, count, bad=(), partial=False, heals_after=None):
        self.records = [record(number) for number in range(1, count + 1)]
        self.bad = {str(number) for number in bad}
        self.partial = partial
        self.heals_after = heals_after
        self.calls, self.positions, self.aside, self.pauses, self.handled = [], [], [], [], []

    def invoke(self, records):
        numbers = [each["dynamodb"]["SequenceNumber"] for each in records]
        self.calls.append(numbers)
        healed = self.heals_after is not None and len(self.calls) > self.heals_after
        failing = [] if healed else [number for number in numbers if number in self.bad]
        if failing and not self.partial:
            raise RuntimeError("poison")
        first = numbers.index(failing[0]) if failing else len(numbers)
        self.handled += numbers[:first]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failing]}

    def deliver(self):
        Delivery(
            invoke=self.invoke,
            done=lambda each: self.positions.append(each["dynamodb"]["SequenceNumber"]),
            aside=lambda each, attempts: self.aside.append((each["dynamodb"]["SequenceNumber"], attempts)),
            pause=self.pauses.append,
        ).deliver(self.records)
        return self


def test_a_good_batch_is_delivered_whole_and_the_position_moves_to_its_end():
    shard = Shard(4).deliver()
    assert (shard.calls, shard.positions) == ([["1", "2", "3", "4"]], ["4"])


@pytest.mark.parametrize("partial", [False, True])
def test_only_the_poisoned_record_is_set_aside(partial):
    shard = Shard(7, bad=[4], partial=partial).deliver()
    assert shard.aside == [("4", ATTEMPTS)]
    assert list(dict.fromkeys(shard.handled)) == ["1", "2", "3", "5", "6", "7"]
    assert shard.positions[-1] == "7"


def test_positions_only_grow():
    shard = Shard(9, bad=[2, 8]).deliver()
    assert [int(number) for number in shard.positions] == sorted(int(number) for number in shard.positions)


def test_a_partial_response_does_not_repeat_what_succeeded():
    shard = Shard(5, bad=[3], partial=True, heals_after=1).deliver()
    assert shard.calls == [["1", "2", "3", "4", "5"], ["3", "4", "5"]]


def test_a_failure_that_passes_is_tried_again_and_not_set_aside():
    shard = Shard(1, bad=[1], heals_after=3).deliver()
    assert (shard.aside, shard.handled) == ([], ["1"])


def test_attempts_come_ever_more_slowly():
    shard = Shard(1, bad=[1]).deliver()
    assert len(shard.calls) == ATTEMPTS
    assert shard.pauses == sorted(shard.pauses)
    assert shard.pauses[0] < shard.pauses[-1]


def test_a_record_is_not_passed_over_when_the_run_stops():
    def stopped(_seconds):
        raise StoppedError

    shard = Shard(1, bad=[1])
    delivery = Delivery(shard.invoke, shard.positions.append, shard.aside.append, stopped)
    with pytest.raises(StoppedError):
        delivery.deliver(shard.records)
    assert (shard.positions, shard.aside) == ([], [])


def test_a_record_that_cannot_be_set_aside_is_not_passed_over():
    def broken(_record, _attempts):
        raise OSError

    shard = Shard(1, bad=[1])
    with pytest.raises(OSError):
        Delivery(shard.invoke, shard.positions.append, broken, shard.pauses.append).deliver(shard.records)
    assert shard.positions == []


@pytest.mark.parametrize(
    ("returned", "place"),
    [
        (None, 3),
        ({}, 3),
        ({"batchItemFailures": []}, 3),
        ({"batchItemFailures": None}, 3),
        ({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}, 1),
        ({"batchItemFailures": [{"itemIdentifier": "9"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 0),
        ({"batchItemFailures": [{}]}, 0),
        ("fine", 0),
    ],
)
def test_a_partial_batch_response_is_read_as_lambda_reads_it(returned, place):
    assert first_failure(returned, ["1", "2", "3"]) == place


def test_a_position_outlives_the_process(tmp_path):
    Positions(tmp_path / "positions.json").keep("a", "7")
    assert Positions(tmp_path / "positions.json").get("a") == "7"


def test_a_torn_file_of_positions_means_from_the_beginning(tmp_path):
    (tmp_path / "positions.json").write_text('{"a": "7')
    assert Positions(tmp_path / "positions.json").get("a") == ""


def test_a_forgotten_position_is_gone(tmp_path):
    positions = Positions(tmp_path / "positions.json")
    positions.keep("a", "7")
    positions.forget("a")
    assert positions.get("a") == ""
