"""The weights file: what ships is whole, and what is wrong is refused by name."""

import json

import pytest

from feedback_ml.weights import PARTS, WEIGHTS, WeightsError, read_weights, scaled, shipped_weights


def test_the_shipped_weights_name_every_part_with_a_reason_and_sum_to_a_hundred():
    told = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    assert tuple(told) == PARTS
    assert all(len(entry["reason"]) > 20 for entry in told.values())
    assert sum(shipped_weights().values()) == pytest.approx(100)


def test_a_part_left_out_weighs_nothing():
    assert scaled({"people": 2, "severity": 2}) == {
        part: 50.0 if part in {"people", "severity"} else 0.0 for part in PARTS
    }


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{", "not JSON"),
        ("[]", "write an object"),
        ('{"people": 3}', "'people'"),
        ('{"people": {"weight": "3", "reason": "x"}}', "'weight'"),
        ('{"people": {"weight": true, "reason": "x"}}', "'weight'"),
        ('{"people": {"weight": 3, "reason": " "}}', "'reason'"),
        ('{"people": {"weight": 3}}', "'people'"),
        ('{"charm": {"weight": 3, "reason": "x"}}', "'charm'"),
        ('{"people": {"weight": -3, "reason": "x"}}', "0 or more"),
        ('{"people": {"weight": NaN, "reason": "x"}}', "0 or more"),
        ('{"people": {"weight": 0, "reason": "x"}}', "more than 0"),
        ("{}", "more than 0"),
    ],
)
def test_wrong_weights_are_refused_with_the_part_and_what_to_do(tmp_path, written, told):
    path = tmp_path / "weights.json"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(WeightsError, match=told):
        read_weights(path)
