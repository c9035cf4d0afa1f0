"""The `releases` command: changelogs, what they touch, verdicts, and the shuffled control."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import release_files
from feedback_ml.release_files import Entry, Topic, read_changelog, telling_words, touched, words_of
from feedback_ml.windows import Text

OUT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def changelog(tmp_path):
    def write(*lines):
        path = tmp_path / "changelog.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return write


def test_a_changelog_is_read_by_date_and_item(changelog):
    found = read_changelog(
        changelog(
            {"version": "12.1", "date": "2026-03-01", "changelog": "(1) Codes arrive again\n(2) New colours"},
            {"version": "12.09", "date": "2026-02-01", "changelog": None},
            "",
        )
    )
    assert [(entry.version, entry.items) for entry in found.entries] == [
        ("12.09", ()),
        ("12.1", ("Codes arrive again", "New colours")),
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"date": "2026-03-01"}, "'version'"),
        ({"version": 12.1, "date": "2026-03-01"}, "'version'"),
        ({"version": "1", "date": ""}, "'date'"),
        ({"version": "1", "date": "soon"}, "'date'"),
        ({"version": "1", "date": "2026-03-01", "changelog": ["x"]}, "'changelog'"),
        ("[]", "not an object"),
        ("{", "not JSON"),
    ],
)
def test_a_wrong_line_is_refused_by_field(changelog, line, told):
    found = read_changelog(changelog({"version": "1", "date": "2026-01-01"}, line))
    assert len(found.entries) == 1
    assert found.refused[0].line == 2
    assert told in found.refused[0].reason


TOPICS = tuple(
    Topic(topic, topic, tuple(words_of(text) for text in texts))
    for topic, texts in {
        "crash": ("crashes when casting video", "casting crashes", "crash while casting to the television"),
        "dark": ("dark theme please", "want a dark theme at night", "dark theme for the night"),
    }.items()
)


def test_an_item_touches_the_topic_whose_telling_words_it_shares():
    telling = telling_words(TOPICS)
    assert touched(["Fixed a crash while casting"], telling) == {"crash"}
    assert touched(["A dark theme for the night", "Fixed a crash while casting"], telling) == {
        "crash",
        "dark",
    }
    assert touched(["Bug fixes and stability improvements"], telling) == set()
    assert touched(["anything"], {}) == set()


def _texts():
    found = []
    for topic, before, after in (("crash", 120, 15), ("dark", 60, 60), ("", 300, 300)):
        for begin, version, count in ((OUT - 41 * DAY, "1", before), (OUT + DAY, "2", after)):
            found += [Text(topic, version, begin + 40 * DAY / count * n) for n in range(count)]
    return tuple(found)


ENTRIES = (
    Entry("1", OUT - 200 * DAY, ("Bug fixes",)),
    Entry("2", OUT, ("Fixed a crash while casting",)),
)


def _report(*, times=0, as_json=True):
    reviews = release_files.Reviews(TOPICS, _texts())
    return list(release_files.report(ENTRIES, reviews, as_of=OUT + 60 * DAY, times=times, as_json=as_json))


def test_the_topic_of_a_release_is_measured_with_its_reasons():
    line, total = map(json.loads, _report())
    assert (line["version"], line["topic"], line["verdict"]) == ("2", "crash", "helped")
    assert (line["texts_before"], line["texts_after"]) == (120, 15)
    assert line["low"] < line["ratio"] < line["high"] < 1
    assert line["reasons"][0]["code"] == "fell"
    assert total == {
        "changelog": "as it is", "measured": 1, "too_early": 0, "helped": 1.0, "no_change": 0.0, "worse": 0.0,
    }  # fmt: skip


def test_the_shuffled_control_stands_beside():
    *_, control = map(json.loads, _report(times=10))
    assert control["changelog"] == "shuffled 10 times"
    assert control["measured"] == 10
    assert 0 < control["too_early"] < 10


def test_people_get_a_table_and_a_sentence():
    head, line, total = _report(as_json=False)
    assert "verdict" in head
    assert "helped" in line
    assert total == "as it is: 1 measured, 0 too early; of the rest helped 100%, no change 0%, worse 0%"


def test_what_has_no_upper_limit_is_written_as_null_and_as_inf():
    topics = (Topic("crash", "crash", (words_of("crash while casting"),)),)
    reviews = release_files.Reviews(topics, (Text("crash", "2", OUT + DAY),))
    plain, table = (
        list(release_files.report(ENTRIES, reviews, as_of=OUT + 9 * DAY, times=0, as_json=as_json))
        for as_json in (True, False)
    )
    assert json.loads(plain[0])["high"] is None
    assert "inf]" in table[1]
    assert release_files.summary(Counter()) == {
        "measured": 0, "too_early": 0, "helped": 0.0, "no_change": 0.0, "worse": 0.0,
    }  # fmt: skip


class _Labeller:
    """Calls everything a bug in English."""

    @staticmethod
    def load():
        return _Labeller()

    def label(self, text, *, title="", rating=None):
        return SimpleNamespace(type="bug", language="en")


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "org.example.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "title", "text", "rating", "date", "version"])
        for n in range(160):
            day = OUT + timedelta(days=-40 if n < 140 else 2, hours=6 * (n % 140))
            rows.writerow([n, "Code", "OTP does not arrive", 1, day.isoformat(), "1" if n < 140 else "2"])
    return path


def test_the_command_labels_groups_and_measures(changelog, reviews, monkeypatch, capsys):
    monkeypatch.setattr(command_line, "Classifier", _Labeller)
    log = changelog({"version": "2", "date": "2026-03-01", "changelog": "OTP arrives at once"})
    assert command_line.main(["releases", str(log), str(reviews), "--json", "--shuffled", "2"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("changelog") for line in lines[-2:]] == ["as it is", "shuffled 2 times"]


def test_refused_lines_of_either_file_make_exit_code_1(changelog, tmp_path, capsys):
    bad = tmp_path / "bad.csv"
    bad.write_text("text,rating\nok,9\n")
    assert command_line.main(["releases", str(changelog("{")), str(bad)]) == 1
    told = capsys.readouterr().err
    assert "changelog.jsonl:1: not JSON" in told
    assert "bad.csv:2: column 'rating'" in told


@pytest.mark.parametrize("times", ["0", "x", "1001", "²"])
def test_a_number_of_shuffles_that_makes_no_sense_is_wrong_use(times, capsys):
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["releases", "a", "b", "--shuffled", times])
    assert stopped.value.code == 2
