"""The command line, without a suite to talk to."""

import json
import sys
from pathlib import Path

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import importing
from feedback_ml.delivery import UnreachableError

OTP = ["OTP nahi aa raha", "OTP does not arrive", "OTP never arrives", "OTP not received"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "id,text,rating,date\n" + "".join(f"{n},{text},1,2026-05-{n + 1:02}\n" for n, text in enumerate(OTP))
    )
    return path


def test_a_dry_run_reads_and_counts(file, capsys):
    assert command_line.main(["import", "--dry-run", str(file)]) == 0
    assert capsys.readouterr().out.startswith("4 read, 0 refused in ")


def test_records_can_be_written_instead_of_delivered(file, tmp_path, capsys):
    out = tmp_path / "out.jsonl"
    assert command_line.main(["import", "--out", str(out), "--json", "--app", "other.app", str(file)]) == 0
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["app"] for row in written] == ["other.app"] * 4
    assert json.loads(capsys.readouterr().out)["written"] == 4


def test_the_same_file_twice_gives_each_record_once(file, capsys):
    command_line.main(["import", "--dry-run", str(file), str(file)])
    assert "8 read, 4 revised later" in capsys.readouterr().out


def test_a_bad_row_makes_exit_code_1(tmp_path, capsys):
    path = tmp_path / "bad.csv"
    path.write_text("text,rating\nok,9\n")
    assert command_line.main(["import", "--dry-run", str(path)]) == 1
    assert "bad.csv:2: column 'rating'" in capsys.readouterr().out


def test_a_missing_file_is_wrong_use(tmp_path, capsys):
    assert command_line.main(["import", "--dry-run", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["import"], ["import", "x", "--date", "someday"], ["dance"]])
def test_wrong_arguments_are_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(arguments)
    assert stopped.value.code == 2


def test_labels_are_printed_one_line_of_json_each(tmp_path, capsys):
    file = tmp_path / "mine.jsonl"
    file.write_text("".join(json.dumps({"text": text, "mine": 1}) + "\n" for text in OTP))
    assert command_line.main(["label", str(file)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["type"] for row in told] == ["bug"] * 4
    assert (told[0]["lang"], told[0]["mine"]) == ("ur-Latn", 1)


def test_topics_give_every_line_back_with_its_topic(tmp_path, capsys):
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"text": text, "mine": n}) + "\n" for n, text in enumerate(OTP)))
    assert command_line.main(["topics", str(path)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["mine"] for row in told] == [0, 1, 2, 3]
    assert {(row["topic"], row["topic_name"]) for row in told} == {
        (told[0]["topic"], "One-time code does not arrive")
    }


def test_topics_name_refused_lines_on_the_error_stream(tmp_path, capsys):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"txt": "x"}\n{"text": "OTP nahi aata"}\n')
    assert command_line.main(["topics", str(path), "--json"]) == 1
    said = capsys.readouterr()
    assert "bad.jsonl:1: field 'text'" in said.err
    assert json.loads(said.out.splitlines()[0]) == {"txt": "x", "topic": None, "topic_name": None}


def test_train_and_evaluate_pass_their_folders_on(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        command_line.commands,
        "train",
        lambda data, corrections, out, day: iter([f"{data} {corrections} {out == tmp_path}"]),
    )
    monkeypatch.setattr(
        command_line.commands,
        "evaluate",
        lambda data, gold, model, as_json: iter([f"measured {data} {gold} {as_json}"]),
    )
    assert command_line.main(["train", "--data", "d", "--out", str(tmp_path)]) == 0
    assert command_line.main(["evaluate", "--gold", "g", "--json"]) == 0
    assert capsys.readouterr().out == "d [] True\nmeasured None g True\n"


def test_the_token_given_comes_before_the_environments():
    assert importing.token_for("https://x.example", "given", {"KHIDMAT_TOKEN": "env"}) == "given"
    assert importing.token_for("https://x.example", None, {"KHIDMAT_TOKEN": "env"}) == "env"


def test_the_local_suites_own_token_is_found_on_this_machine(tmp_path):
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "product_owner").write_text("local\n")
    for url in ("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        assert importing.token_for(url, None, {"KHIDMAT_HOME": str(tmp_path)}) == "local"


def test_another_machine_never_gets_the_local_token(tmp_path):
    with pytest.raises(UnreachableError, match="needs a token"):
        importing.token_for("https://khidmat.example", None, {"KHIDMAT_HOME": str(tmp_path)})


def test_without_a_local_suite_the_message_says_how_to_start_it(tmp_path, file, capsys, monkeypatch):
    monkeypatch.setenv("KHIDMAT_HOME", str(tmp_path))
    monkeypatch.delenv("KHIDMAT_TOKEN", raising=False)
    assert command_line.main(["import", str(file)]) == 3
    assert "make run" in capsys.readouterr().err


def test_a_progress_bar_is_shown_on_a_terminal_only(monkeypatch):
    assert importing.progress([1], total=1, unit="x") == [1]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert list(importing.progress([1, 2], total=2, unit="x")) == [1, 2]


def test_the_summary_gives_no_rate_before_any_time_has_passed():
    assert importing.Summary(read=5).rows_per_second == 0.0
    assert Path(importing.ROOT / "feedback_ml").is_dir()
