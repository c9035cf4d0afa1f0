"""`python -m feedback_ml report`, from files to a page."""

import json

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml.classifier import Classifier
from tests.feedback_ml.report.reviews import Sayer, review


@pytest.fixture(autouse=True)
def said(monkeypatch):
    monkeypatch.setattr(Classifier, "load", Sayer)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """(reviews, changelog, gold), in a folder that is the present one."""
    monkeypatch.chdir(tmp_path)
    rows, log, gold = (tmp_path / name for name in ("reviews.jsonl", "changelog.jsonl", "gold.jsonl"))
    rows.write_text(
        "\n".join(
            row.model_dump_json(exclude_none=True) for row in (review(n, days_ago=5.0 * n) for n in range(24))
        ),
        encoding="utf-8",
    )
    log.write_text(
        json.dumps({"version": "1.1", "date": "2026-05-01", "changelog": "OTP code arrives again"})
    )
    gold.write_text(
        "\n".join(json.dumps({"text": f"otp never arrives {n}", "type": "bug"}) for n in range(20))
    )
    return rows, log, gold


def test_a_page_is_written_and_told_of(files, tmp_path, capsys):
    rows, log, gold = files
    assert command_line.main(["report", str(rows), "--changelog", str(log), "--gold", str(gold)]) == 0
    assert "24 texts, 1 topics; " in capsys.readouterr().out
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "reviews.jsonl" in html
    assert str(tmp_path) not in html


def test_a_changelog_may_stand_among_the_files_and_figures_come_as_json(files, tmp_path, capsys):
    rows, log, gold = files
    assert command_line.main(["report", str(rows), str(log), "--gold", str(gold), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["texts"], told["people"], told["topics"][0]["people"]) == (24, 24, 24)
    assert told["topics"][0]["score"] == pytest.approx(sum(told["topics"][0]["parts"].values()), abs=0.01)
    assert told["releases"][0]["version"] == "1.1"
    assert told["gold"]["type_macro_f1"] == {"en": 1.0}
    assert not (tmp_path / "report.html").exists()


def test_with_a_place_to_write_to_json_brings_the_page_too(files, tmp_path, capsys):
    rows, _, gold = files
    out = tmp_path / "mine.html"
    arguments = ["report", str(rows), "--gold", str(gold), "--json", "--out", str(out), "--lang", "ur"]
    assert command_line.main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["releases"] == []
    assert 'dir="rtl"' in out.read_text(encoding="utf-8")


def test_lines_refused_are_named_and_make_exit_code_1(files, capsys):
    rows, log, gold = files
    log.write_text('{"version": "", "changelog": "x"}\n')
    with rows.open("a") as more:
        more.write('\n{"text": "x", "rating": 9}\n')
    assert command_line.main(["report", str(rows), "--changelog", str(log), "--gold", str(gold)]) == 1
    told = capsys.readouterr().err
    assert "reviews.jsonl:25" in told
    assert "changelog.jsonl:1" in told


def test_a_file_that_was_read_is_never_written_over(files, capsys):
    rows, _, gold = files
    before = rows.read_bytes()
    assert command_line.main(["report", str(rows), "--gold", str(gold), "--out", str(rows)]) == 2
    assert "name another" in capsys.readouterr().err
    assert rows.read_bytes() == before


def test_too_few_labelled_lines_leave_the_measure_out(files, capsys):
    rows, _, gold = files
    gold.write_text("")
    assert command_line.main(["report", str(rows), "--gold", str(gold), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gold"] is None


def test_nothing_to_report_is_wrong_use(files, capsys):
    rows, _, gold = files
    assert command_line.main(["report", str(rows), "--gold", str(gold), "--as-of", "2020-01-01"]) == 2
    assert "nothing to report" in capsys.readouterr().err
