"""The command `topics`: lines in, the same lines out with a topic."""

import json
import random
import sys

import pytest

from feedback_ml import measures
from feedback_ml.topic_files import topics

CODE = ["OTP nahi aa raha", "OTP does not arrive", "او ٹی پی نہیں آیا", "the code never came"]
SLIP = [
    "PSID nahi ban raha",
    "payment slip not generated",
    "پی ایس آئی ڈی نہیں بن رہی",
    "slip number is not created",
]


@pytest.fixture
def told(tmp_path, classifier):
    def run(*lines, within=None):
        path = tmp_path / "mine.jsonl"
        path.write_text(
            "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        )
        refused = []
        return list(topics(path, classifier, within=within, refused=refused)), [str(one) for one in refused]

    return run


def test_lines_come_back_in_order_with_all_their_fields(told):
    rows, refused = told(*({"text": text, "n": n} for n, text in enumerate([*CODE, *SLIP])))
    assert refused == []
    assert [row["n"] for row in rows] == list(range(8))
    assert len({row["topic"] for row in rows[:4]}) == len({row["topic"] for row in rows[4:]}) == 1
    assert rows[0]["topic"] != rows[4]["topic"]
    assert rows[0]["topic_name"] == "One-time code does not arrive"


def test_within_a_field_texts_are_grouped_apart(told):
    lines = [{"text": text, "app": app} for app in ("a", "b", None) for text in CODE]
    rows, _ = told(*lines, within="app")
    assert len({row["topic"] for row in rows}) == 3
    assert len({row["topic"] for row in told(*lines)[0]}) == 1


def test_a_text_like_no_other_has_a_topic_of_its_own(told):
    rows, _ = told(*({"text": text} for text in [*CODE, "purple elephant", ""]))
    assert len({row["topic"] for row in rows}) == 3
    assert all(row["topic"] and row["topic_name"] for row in rows)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"txt": "x"}, "field 'text': missing"),
        ({"text": 5}, "field 'text': not a text"),
        ({"text": "x", "title": []}, "field 'title': not a text"),
        ("[1]", "not a JSON object"),
        ("{", "not a JSON object"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_written_through(told, line, reason):
    rows, refused = told(line, {"text": CODE[0]}, "")
    assert len(rows) == 2
    assert (rows[0]["topic"], rows[0]["topic_name"]) == (None, None)
    assert rows[1]["topic"]
    assert reason in refused[0]
    assert "mine.jsonl:1" in refused[0]


def test_a_broken_line_keeps_what_stood_there(told):
    assert told("{oops")[0] == [{"line": "{oops", "topic": None, "topic_name": None}]


def test_titles_are_read_too_and_odd_fields_do_no_harm(told):
    rows, refused = told(
        {"title": "OTP", "text": None, "type": ["bug"], "area": 3, "person": 7, "lang": "xx"}
    )
    assert refused == []
    assert rows[0]["topic"]


def test_a_terminal_is_told_that_grouping_has_begun(told, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    told(*({"text": text} for text in CODE))
    assert "grouping 4 texts" in capsys.readouterr().err


def test_the_same_lines_have_the_same_topics_again(told):
    lines = [{"text": text} for text in [*CODE, *SLIP]]
    assert told(*lines) == told(*lines)


def test_intents_of_a_bank_are_found_by_the_same_grouping(public_data, told):
    """The first 20 of 77, shuffled: their order tells nothing, and chance finds little."""
    lines = [json.loads(line) for line in (public_data / "banking_intents.jsonl").read_text().splitlines()]
    few = sorted({line["intent"] for line in lines})[:20]
    lines = [line for line in lines if line["intent"] in few]
    random.Random(5).shuffle(lines)
    rows, _ = told(*({"text": line["text"]} for line in lines))
    truth, said = [line["intent"] for line in lines], [row["topic"] for row in rows]
    mixed_up = random.Random(6).sample(said, len(said))
    assert measures.nmi(truth, said) > 0.65
    assert measures.nmi(truth, mixed_up) < 0.2
    assert len(set(said)) < 100
