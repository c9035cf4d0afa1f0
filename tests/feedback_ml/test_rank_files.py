"""The `rank` command: what lines may say, how a wrong one is refused, and what comes out."""

import json

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml.priority import PARTS

GOOD = {"topic": "otp", "severity": 4, "date": "2026-05-01", "rating": 2, "person": "p1"}


@pytest.fixture
def written(tmp_path):
    def write(*lines, name="rows.jsonl"):
        path = tmp_path / name
        told = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(told) + "\n", encoding="utf-8")
        return str(path)

    return write


def _lines(topic, people, **fields):
    return [{**GOOD, "topic": topic, "person": f"{topic}{n}", **fields} for n in range(people)]


def _ranked(capsys, *arguments):
    code = command_line.main(["rank", *arguments])
    out, err = capsys.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err


def test_topics_come_best_first_each_with_every_part(written, capsys):
    file = written(*_lines("some", 4), *_lines("many", 30), *_lines("few", 2))
    code, found, err = _ranked(capsys, file)
    assert (code, err) == (0, "")
    assert [row["topic"] for row in found] == ["many", "some", "few"]
    for at, row in enumerate(found, start=1):
        assert row["rank"] == at
        assert tuple(row["parts"]) == PARTS
        assert row["score"] == pytest.approx(sum(row["parts"].values()), abs=1e-6)
        assert row["low_rank"] <= at <= row["high_rank"]
        assert row["margin"] >= 0
    assert found[0]["people"] == found[0]["texts"] == 30
    assert found[0]["state"] == "new"


def test_what_else_a_line_says_is_used(written, capsys):
    more = {
        "topic_name": "Code does not come", "type": "bug", "area": "sign_in", "lang": "ur-Latn",
        "version": "3.1", "district": "multan", "overseas": True, "channel": "play", "effort_days": 2, "text": "x",
    }  # fmt: skip
    _, found, _ = _ranked(capsys, written(*_lines("otp", 9, **more), *_lines("rest", 90)))
    row = next(one for one in found if one["topic"] == "otp")
    assert row["topic_name"] == "Code does not come"
    assert (row["languages"], row["versions"]) == (["ur-Latn"], ["3.1"])
    assert row["parts"]["effort"] > 0
    assert row["parts"]["reach"] > 0
    assert row["parts"]["equity"] > 0
    assert row["hit_harder"] == "overseas:yes"


def test_praise_comes_last_however_many_give_it(written, capsys):
    _, found, _ = _ranked(capsys, written(*_lines("loved", 50, type="praise"), *_lines("otp", 3)))
    assert [row["topic"] for row in found] == ["otp", "loved"]


def test_a_number_for_a_topic_stays_a_number(written, capsys):
    _, found, _ = _ranked(capsys, written(*_lines(7, 3)))
    assert found[0]["topic"] == 7


def test_rating_and_person_may_be_missing(written, capsys):
    bare = {"topic": "otp", "severity": 3, "date": "2026-05-01T10:00:00+05:00"}
    code, found, _ = _ranked(capsys, written(bare, {**bare, "rating": None, "person": None}, ""))
    assert code == 0
    assert found[0]["people"] == 2


def test_lines_without_a_topic_are_counted_and_passed_over(written, capsys):
    code, found, err = _ranked(capsys, written(GOOD, {**GOOD, "topic": None}, {**GOOD, "topic": ""}))
    assert code == 0
    assert len(found) == 1
    assert "2 lines without a topic passed over" in err


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({**GOOD, "severity": 6}, "'severity'"),
        ({**GOOD, "severity": "4"}, "'severity'"),
        ({**GOOD, "severity": True}, "'severity'"),
        ({**GOOD, "severity": None}, "'severity'"),
        ({**GOOD, "date": "soon"}, "'date'"),
        ({**GOOD, "date": None}, "'date'"),
        ({**GOOD, "date": 20260501}, "'date'"),
        ({**GOOD, "rating": 0}, "'rating'"),
        ({**GOOD, "rating": "five"}, "'rating'"),
        ({**GOOD, "person": ["p"]}, "'person'"),
        ({**GOOD, "topic": ["otp"]}, "'topic'"),
        ({"severity": 3, "date": "2026-05-01"}, "'topic'"),
        ({**GOOD, "type": "rant"}, "'type'"),
        ({**GOOD, "area": "kitchen"}, "'area'"),
        ({**GOOD, "overseas": "yes"}, "'overseas'"),
        ({**GOOD, "effort_days": -1}, "'effort_days'"),
        ({**GOOD, "version": {"a" * 60: 1}}, "..."),
        ('{"topic": "otp", "severity": NaN, "date": "2026-05-01"}', "'severity'"),
        ("[1]", "not an object"),
        ("{", "not JSON"),
    ],
)
def test_a_wrong_line_is_named_with_its_field_and_the_rest_is_ranked(written, capsys, line, field):
    code, found, err = _ranked(capsys, written(GOOD, line))
    assert code == 1
    assert err.startswith("rows.jsonl:2: ")
    assert field in err
    assert [row["texts"] for row in found] == [1]


def test_bytes_that_are_not_utf_8_are_refused_by_line(tmp_path, capsys):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n" + json.dumps(GOOD).encode("utf-16") + b"\n")
    code, found, err = _ranked(capsys, str(path))
    assert (code, len(found)) == (1, 1)
    assert "UTF-8" in err


def test_a_file_with_nothing_to_rank_prints_nothing(written, capsys):
    assert _ranked(capsys, written("")) == (0, [], "")


def test_a_day_to_rank_as_of_is_the_whole_day(written, capsys):
    file = written(
        {**GOOD, "date": "2026-05-01T22:00:00Z"}, {**GOOD, "person": "p2", "date": "2026-05-02T01:00:00Z"}
    )
    _, found, _ = _ranked(capsys, file, "--as-of", "2026-05-01")
    assert found[0]["people"] == 1
    _, found, _ = _ranked(capsys, file, "--as-of", "2026-05-02T01:00:00Z")
    assert found[0]["people"] == 2


def test_other_weights_may_be_given(written, capsys):
    weights = written('{"severity": {"weight": 1, "reason": "only how bad it is"}}', name="weights.json")
    file = written(*_lines("mild", 30, severity=2), *_lines("bad", 5, severity=5))
    _, found, _ = _ranked(capsys, file, "--weights", weights)
    assert [row["topic"] for row in found] == ["bad", "mild"]
    assert found[0]["score"] == 100


@pytest.mark.parametrize("content", ['{"charm": {"weight": 1, "reason": "x"}}', "{"])
def test_wrong_weights_are_wrong_use(written, capsys, content):
    code, found, err = _ranked(capsys, written(GOOD), "--weights", written(content, name="weights.json"))
    assert (code, found) == (2, [])
    assert "weights.json" in err or "charm" in err


def test_a_file_that_is_not_there_is_wrong_use(tmp_path, capsys):
    code, _, err = _ranked(capsys, str(tmp_path / "none.jsonl"))
    assert code == 2
    assert "none.jsonl" in err


def test_on_a_terminal_there_is_a_table_unless_json_is_asked_for(written, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    file = written(*_lines("a", 5, topic_name="Code does not come"), *_lines("b", 5), *_lines("c", 60))
    command_line.main(["rank", file])
    head, first, second, third = capsys.readouterr().out.splitlines()
    assert "place" in head
    assert "equity" in head
    assert first.split()[0] == "1"
    assert second.split()[0] == third.split()[0] == "=2"
    assert "Code does not come" in second + third
    command_line.main(["rank", "--json", file])
    assert json.loads(capsys.readouterr().out.splitlines()[0])["topic"] == "c"


def test_an_empty_table_is_empty(written, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert command_line.main(["rank", written("")]) == 0
    assert capsys.readouterr().out == ""
