"""Anybody's labels: trained, written, read again, and the commands round them."""

import json

import numpy as np
import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import examples, label_files, own_labels
from feedback_ml.own_labels import OwnModel, Row

KINDS = {
    "card": [
        "my card is late",
        "where is the card",
        "card has not come",
        "the card never came",
        "no card yet",
    ],
    "fee": ["what is the fee", "fee is too high", "the fee was taken twice", "fee not shown", "pay the fee"],
}


@pytest.fixture(autouse=True)
def few_phrases(monkeypatch):
    some = examples.phrases()[::40]
    monkeypatch.setattr(examples, "phrases", lambda: some)


def rows(times=4):
    return [
        Row(f"{text} {n}", (kind,), group=str(n))
        for n in range(times)
        for kind, texts in KINDS.items()
        for text in texts
    ]


def lines(path, **fields):
    found = [{"text": row.text, "kind": row.labels[0], "day": row.group, **fields} for row in rows()]
    path.write_text("\n".join(map(json.dumps, found)) + "\n")
    return path


def test_a_trained_model_labels_texts_it_has_not_seen(tmp_path):
    assert own_labels.write(own_labels.train(rows(), multi=False), tmp_path / "deep") > 0
    said = OwnModel.load(tmp_path / "deep").label("is the card ready", rating=1)
    assert said.label == "card"
    assert said.scores["card"] > said.scores["fee"]
    assert sum(said.scores.values()) == pytest.approx(1, abs=1e-5)


def test_several_labels_may_be_true_or_none(tmp_path):
    both = [Row(f"{a} and {b}", ("card", "fee")) for a in KINDS["card"] for b in KINDS["fee"]]
    none = [
        Row(f"good morning {word}", ())
        for word in ["all", "sir", "madam", "friends", "people", "everyone", "team"]
    ]
    model = OwnModel(json.loads(json.dumps(own_labels.train([*rows(), *both, *none], multi=True))))
    assert set(model.label("the card is late and the fee was taken twice").label) == {"card", "fee"}
    assert model.label("good morning everyone").label == ()
    assert all(0 <= chance <= 1 for chance in model.label("card").scores.values())


def test_exported_scores_are_those_of_the_fit(tmp_path):
    own = rows()
    known = own_labels.Known(own)
    fit = known.fit(range(len(own)), ["card", "fee"], multi=False)
    model = OwnModel(own_labels.train(own, multi=False))
    expected = known.scores(fit, range(len(own)))
    chances = 1 / (1 + np.exp(-expected))
    for row, chance in zip(own, chances / chances.sum(axis=1, keepdims=True), strict=True):
        assert list(model.label(row.text).scores.values()) == pytest.approx(chance.tolist(), abs=2e-6)


def test_training_twice_gives_the_same_model():
    assert own_labels.train(rows(), multi=False) == own_labels.train(rows(), multi=False)


def test_one_label_teaches_nothing():
    with pytest.raises(ValueError, match="two different labels"):
        own_labels.train([row for row in rows() if row.labels == ("fee",)], multi=False)


def test_many_labels_are_told_apart_without_searching_offsets():
    many = [Row(f"{word} {word}ing number {n}", (word,)) for word in "abcdefghijklm" for n in range(4)]
    words = {row.labels[0] for row in many}
    model = OwnModel(own_labels.train(many, multi=False))
    assert set(model.label("a aing").scores) == words


def test_a_model_of_another_version_is_refused(tmp_path):
    (tmp_path / own_labels.FILE).write_text('{"format": 0}')
    with pytest.raises(ValueError, match="train it again"):
        OwnModel.load(tmp_path)


def test_train_and_label_work_on_files(tmp_path, capsys):
    file, out = lines(tmp_path / "own.jsonl"), tmp_path / "model"
    arguments = ["train", "--data", str(file), "--label", "kind", "--group", "day", "--out", str(out)]
    assert command_line.main(arguments) == 0
    assert "40 texts, 2 labels" in capsys.readouterr().out
    assert command_line.main(["label", str(file), "--model", str(out)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["label"] for row in told] == [row["kind"] for row in told]
    assert set(told[0]) >= {"scores", "lang", "type", "types", "area", "sentiment", "severity", "danger",
                            "confidence", "abstained", "why", "text", "day"}  # fmt: skip


def test_lines_that_cannot_be_read_are_named_and_the_rest_is_labelled(tmp_path, capsys):
    file = tmp_path / "some.jsonl"
    file.write_text(
        '{"text": "ok"}\n\nnothing\n{"text": 7}\n{"title": 7, "text": "x"}\n{"text": "x", "rating": 9}\n'
        '{"other": 1}\n{"text": "", "rating": 5}\n[1]\n{"text": "x", "rating": true}\n'
    )
    assert command_line.main(["label", str(file)]) == 1
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 2
    assert [line.split(": ")[0] for line in told.err.splitlines()] == [
        f"some.jsonl:{n}" for n in (3, 4, 5, 6, 7, 9, 10)
    ]
    assert "field 'rating': not a whole number from 1 to 5" in told.err


@pytest.mark.parametrize(
    ("value", "multi", "reason"),
    [
        ({"text": "x"}, False, "give one label"),
        ({"text": "x", "kind": ["a"]}, False, "train with --multi"),
        ({"text": "x"}, True, "give a list of labels"),
        ({"text": "x", "kind": [None]}, True, "must be texts"),
        ({"text": "x", "kind": "a"}, False, "field 'day': missing"),
        ({"kind": "a", "day": 1}, False, "field 'text': missing"),
    ],
)
def test_a_line_without_its_label_or_group_teaches_nothing(tmp_path, value, multi, reason):
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps(value) + "\nbroken\n")
    refused = []
    found = label_files.rows([file], label_field="kind", group_field="day", multi=multi, refused=refused)
    assert found == []
    assert reason in str(refused[0])
    assert len(refused) == 2


def test_numbers_and_truth_values_are_labels_too(tmp_path):
    file = tmp_path / "own.jsonl"
    file.write_text('{"text": "x", "kind": true}\n{"text": "y", "kind": 3}\n')
    found = label_files.rows([file], label_field="kind", group_field=None, multi=False, refused=[])
    assert [row.labels for row in found] == [("true",), ("3",)]


def test_training_on_refused_lines_ends_with_1_and_without_a_folder_with_2(tmp_path, capsys):
    file = lines(tmp_path / "own.jsonl")
    with file.open("a") as out:
        out.write("broken\n")
    command = ["train", "--data", str(file), "--label", "kind"]
    assert command_line.main([*command, "--out", str(tmp_path / "m")]) == 1
    assert command_line.main(command) == 2
    assert "--out" in capsys.readouterr().err
    assert command_line.main([*command[:3], "--label", "text", "--out", str(tmp_path / "n")]) in {0, 1}
