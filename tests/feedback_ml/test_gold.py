"""Figures on labelled texts of anybody's, and the measures themselves."""

import json

import numpy as np
import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import gold, measures


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    monkeypatch.setattr(measures, "DRAWS", 10)


def test_the_gold_set_has_every_field_in_four_language_forms():
    rows = gold.read(gold.GOLD)
    assert len(rows) > 800
    assert {row["lang"] for row in rows} == {"en", "ur", "ur-Latn", "mixed"}
    assert all(
        {"type", "types", "area", "severity", "danger", "sentiment", "topic"} <= row.keys() for row in rows
    )


def test_the_shipped_model_reaches_what_its_card_says(classifier):
    told = {one.name: one for one in gold.measure(gold.read(gold.GOLD), classifier)}
    forms = [told[f"type, macro-F1, {form}"].value for form in ("en", "ur", "ur-Latn", "mixed")]
    assert min(forms) >= 0.80
    assert told["type, macro-F1, all"].control < 0.3
    assert told["danger, recall"].value >= 0.98


def test_any_labelled_lines_are_measured(tmp_path, capsys):
    file = tmp_path / "mine.jsonl"
    said = {
        "otp": [
            "OTP nahi aa raha",
            "the OTP code does not arrive",
            "او ٹی پی نہیں آ رہا",
            "OTP code never came",
        ],
        "dark": [
            "please add dark mode",
            "dark mode add karen",
            "ڈارک موڈ شامل کریں",
            "please add a dark mode",
        ],
    }
    types = {"otp": "bug", "dark": "feature_request"}
    rows = [
        {"text": f"{text}{end}", "type": types[about], "topic": about}
        for about, texts in said.items()
        for text in texts
        for end in ("", " please", " app me", "!!")
    ]
    file.write_text("\n".join(map(json.dumps, rows)) + '\n{"text": ""}\n')
    assert command_line.main(["evaluate", "--gold", str(file), "--json"]) == 0
    told = {one["name"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert told["type, macro-F1, all"]["value"] == 1
    assert told["topics, pairwise F1"]["value"] > told["topics, pairwise F1"]["control"]
    assert "danger, recall" not in told
    assert "area, macro-F1, all" not in told


def test_few_labels_are_not_measured(tmp_path, capsys):
    file = tmp_path / "few.jsonl"
    file.write_text('{"text": "otp", "type": "bug", "severity": 3, "topic": "a", "danger": false}\n')
    assert command_line.main(["evaluate", "--gold", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_an_interval_holds_the_value_and_narrows_with_more_texts():
    def width(count):
        hits = np.arange(count) % 2
        one = measures.figure("x", lambda at: float(hits[at].mean()), count)
        assert one.low <= one.value <= one.high
        return one.high - one.low

    assert width(1_000) < width(30)


def test_macro_f1_is_the_mean_over_the_classes_that_are_there():
    truth, said = np.array(["a", "a", "b", "b"]), np.array(["a", "b", "b", "c"])
    assert measures.macro_f1(truth, said) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert measures.macro_f1(truth[:0], said[:0]) == 0


def test_macro_f1_of_many_counts_each_column():
    truth, said = np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]])
    assert measures.macro_f1_of_many(truth, said) == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("aabb", (1, 1, 1)), ("aaaa", (1 / 3, 1, 1 / 2)), ("abcd", (0, 0, 0))],
)
def test_pairs_in_one_group_are_counted(said, expected):
    assert measures.pairwise("xxyy", said) == pytest.approx(expected)


def test_confidence_that_says_how_often_it_is_right_has_no_error():
    right = np.array([True] * 8 + [False] * 2)
    assert measures.calibration_error(np.full(10, 0.8), right) == pytest.approx(0)
    assert measures.calibration_error(np.full(10, 1.0), right) == pytest.approx(0.2)


def test_an_area_under_the_curve_of_one_answer_alone_is_chance():
    assert measures.auc(np.array([1, 1]), np.array([0.1, 0.9])) == 0.5
    assert measures.auc(np.array([0, 1]), np.array([0.1, 0.9])) == 1
