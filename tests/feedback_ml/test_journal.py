"""An import that is cut short, at every place where it can be."""

import json
from datetime import UTC, datetime

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import importing
from feedback_ml.delivery import BATCH, Outcome, UnreachableError
from feedback_ml.journal import Journal

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROWS = 2 * BATCH + 50
GONE = UnreachableError("Nothing answers")


class Suite:
    """A suite that is gone after so many records; remembers what it was given."""

    def __init__(self, gone_after=None, error=GONE):
        self.url, self.gone_after, self.error = "http://suite.example", gone_after, error
        self.taken, self.regrouped = [], []

    def deliver(self, rows):
        for row in rows:
            if self.gone_after is not None and len(self.taken) == self.gone_after:
                raise self.error
            self.taken.append(row.feedback.external_id)
            bad = row.feedback.external_id == "7"
            yield Outcome(row, "refused" if bad else "added", "/text too long" if bad else "")

    def releases(self, app, lines):
        return iter(())

    def regroup(self, app):
        self.regrouped.append(app)

    def close(self):
        pass


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("id,text,date\n" + "".join(f"{n},Text {n},2026-05-01\n" for n in range(ROWS)) + "x,,\n")
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "var" / "imports"


def run(suite, file, folder, app=None):
    return importing.run([file], app=app, written_at=NOW, out=None, delivery=suite, journal=folder)


def cut_short(file, folder, after, error=GONE):
    with pytest.raises(type(error)) as stopped:
        run(Suite(after, error), file, folder)
    return stopped.value


@pytest.mark.parametrize(
    ("gone_after", "goes_on_at"),
    [(0, 0), (10, 0), (BATCH, BATCH), (BATCH + 5, BATCH), (2 * BATCH + 1, 2 * BATCH)],
)
def test_the_same_command_goes_on_behind_the_last_whole_batch(file, folder, gone_after, goes_on_at):
    cut_short(file, folder, gone_after)
    suite = Suite()
    summary = run(suite, file, folder)

    assert suite.taken == [str(n) for n in range(goes_on_at, ROWS)]
    assert (summary.resumed, summary.added, summary.read) == (goes_on_at, ROWS - 1, ROWS + 1)
    assert sorted(summary.refused) == [
        f"mine.csv:{ROWS + 2}: column 'text': empty, and no title or rating either; remove the row",
        "mine.csv:9: /text too long",
    ]
    assert suite.regrouped == ["mine"]


def test_an_import_that_ended_leaves_no_journal(file, folder):
    cut_short(file, folder, BATCH)
    assert len(list(folder.iterdir())) == 1
    run(Suite(), file, folder)

    assert list(folder.iterdir()) == []


def test_what_was_delivered_is_said_when_the_suite_goes_away(file, folder):
    said = str(cut_short(file, folder, BATCH + 3))

    assert (
        said == f"Nothing answers\n{BATCH:,} of {ROWS:,} records are in; the same command goes on from there."
    )
    assert str(cut_short(file, folder / "other", 3)) == "Nothing answers"


def test_an_interrupted_import_goes_on_too(file, folder):
    cut_short(file, folder, BATCH + 3, KeyboardInterrupt())
    suite = Suite()
    run(suite, file, folder)

    assert len(suite.taken) == ROWS - BATCH


def test_another_file_suite_or_app_begins_at_the_beginning(file, folder, tmp_path):
    cut_short(file, folder, BATCH)
    elsewhere = Suite()
    elsewhere.url = "http://other.example"
    changed = tmp_path / "changed" / "mine.csv"
    changed.parent.mkdir()
    changed.write_text(file.read_text() + "y,Text,2026-05-01\n")
    other, named = Suite(), Suite()
    run(elsewhere, file, folder)
    run(other, changed, folder)
    run(named, file, folder, app="other.app")

    assert len(elsewhere.taken) == len(named.taken) == ROWS
    assert len(other.taken) == ROWS + 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": "KEY"}', '{"key": "KEY", "delivered": "x"}'])
def test_a_journal_that_cannot_be_read_is_begun_anew(file, tmp_path, content):
    place = tmp_path / "mine.journal"
    key = Journal.of(place, "http://suite.example", None, [file]).key
    place.write_text(content.replace("KEY", key))
    suite = Suite()
    run(suite, file, place)

    assert len(suite.taken) == ROWS


def test_a_folder_that_cannot_be_written_to_stops_nothing(file, tmp_path):
    blocked = tmp_path / "a-file"
    blocked.write_text("")

    assert run(Suite(), file, blocked / "imports").added == ROWS - 1


def test_refused_rows_are_written_as_json_lines(tmp_path, capsys):
    bad, refused = tmp_path / "bad.csv", tmp_path / "refused.jsonl"
    bad.write_text("text,rating\nok,9\nok,2\n")
    code = command_line.main(["import", "--dry-run", "--refused", str(refused), str(bad)])

    assert code == importing.SOME_REFUSED
    assert [json.loads(line) for line in refused.read_text().splitlines()] == [
        {
            "file": "bad.csv",
            "line": 2,
            "reason": "column 'rating': '9' is not 1 to 5; correct it or leave it empty",
        }
    ]
    assert "by source: file 1" in capsys.readouterr().out


def test_ctrl_c_has_an_exit_code_and_a_word_of_its_own(file, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "run", interrupted)
    assert command_line.main(["import", "--dry-run", str(file)]) == importing.INTERRUPTED
    assert "goes on" in capsys.readouterr().err


def test_journals_lie_in_the_home_of_the_suite(tmp_path):
    assert importing.journals({"KHIDMAT_HOME": str(tmp_path)}) == tmp_path / "imports"
    assert importing.journals({}) == importing.ROOT / "var" / "imports"
