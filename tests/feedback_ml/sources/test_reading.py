"""Files of any origin become records; a bad row never stops the rest."""

import csv
import io
import json
import os
from datetime import UTC, datetime

import pytest

from feedback_ml.sources.reading import app_name, latest, read, rows
from feedback_ml.sources.rows import Accepted, Defaults, Refused, UnfitRowError, instant, pseudonym, rating
from schemas.feedback import TEXT_LIMIT, Feedback

EVERY = int(os.environ.get("KHIDMAT_EVERY_ROW", "10"))
"""Of the public sets, every tenth row; `make soak` reads them whole."""
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DEFAULTS = Defaults("org.example.app", NOW)
PLAY = [
    "Package Name",
    "App Version Code",
    "App Version Name",
    "Reviewer Language",
    "Device",
    "Review Submit Date and Time",
    "Review Submit Millis Since Epoch",
    "Review Last Update Date and Time",
    "Review Last Update Millis Since Epoch",
    "Star Rating",
    "Review Title",
    "Review Text",
    "Developer Reply Date and Time",
    "Developer Reply Millis Since Epoch",
    "Developer Reply Text",
    "Review Link",
]


def _file(tmp_path, content, name="reviews.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def _play_row(review="r1", text="It crashes", stars="1", updated="1767348184000", **fields):
    values = dict.fromkeys(PLAY, "")
    values.update({
        "Package Name": "org.example.app", "App Version Name": "1.2", "Reviewer Language": "ur",
        "Review Submit Date and Time": "2026-01-02T03:04:05Z", "Review Submit Millis Since Epoch": "1767323045000",
        "Review Last Update Millis Since Epoch": updated, "Star Rating": stars, "Review Text": text,
        "Review Link": f"https://play.example/console?reviewId={review}&x=1",
    })  # fmt: skip
    values.update(fields)
    return [values[name] for name in PLAY]


def _play(*rows_):
    out = io.StringIO()
    csv.writer(out).writerows([PLAY, *rows_])
    return out.getvalue()


def _read(path):
    return list(read(path, DEFAULTS))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig"])
def test_the_play_export_is_known_by_its_columns_in_any_encoding(tmp_path, encoding):
    (found,) = _read(_file(tmp_path, _play(_play_row()), "whatever.txt", encoding))
    assert found.source == "play"
    assert (found.app, found.external_id, found.rating, found.version) == ("org.example.app", "r1", 1, "1.2")
    assert found.written_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.revised_at > found.written_at


@pytest.mark.parametrize("title", ["None", "nan", "null", " none "])
def test_a_scripts_word_for_no_title_is_no_title(tmp_path, title):
    (found,) = _read(_file(tmp_path, _play(_play_row(**{"Review Title": title}))))
    assert found.title == ""


def test_a_rating_alone_is_kept_with_an_empty_text(tmp_path):
    (found,) = _read(_file(tmp_path, _play(_play_row(text=""))))
    assert (found.text, found.rating) == ("", 1)


def test_a_review_never_edited_has_no_revision(tmp_path):
    (found,) = _read(_file(tmp_path, _play(_play_row(updated="1767323045000"))))
    assert found.revised_at is None


def test_without_milliseconds_the_written_date_counts(tmp_path):
    (found,) = _read(_file(tmp_path, _play(_play_row(**{"Review Submit Millis Since Epoch": ""}))))
    assert found.written_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"Review Link": "https://play.example/none"}, "Review Link"),
        ({"Star Rating": "9"}, "Star Rating"),
        ({"Review Submit Millis Since Epoch": "", "Review Submit Date and Time": ""}, "Review Submit"),
        ({"Review Submit Millis Since Epoch": "yesterday"}, "Review Submit Millis"),
        ({"Package Name": "not a package"}, "app"),
    ],
)
def test_a_bad_play_row_is_refused_by_column_and_the_next_is_read(tmp_path, fields, named):
    bad, good = _read(_file(tmp_path, _play(_play_row(**fields), _play_row("r2"))))
    assert isinstance(bad, Refused)
    assert named in bad.reason
    assert good.external_id == "r2"


def test_the_later_revision_of_a_review_wins_whatever_the_order(tmp_path):
    old = _file(tmp_path, _play(_play_row(text="old", updated="1767323046000")), "a.csv")
    new = _file(tmp_path, _play(_play_row(text="new")), "b.csv")
    for order in ((old, new), (new, old)):
        (kept,) = latest(row for path in order for row in rows(path, DEFAULTS))
        assert kept.feedback.text == "new"


def test_lines_are_counted_through_quoted_newlines(tmp_path):
    content = 'text,rating\n"one\ntwo\nthree",5\nbad,7\n"x\ny",6\n'
    found = list(rows(_file(tmp_path, content), DEFAULTS))
    assert [(type(row).__name__, row.line) for row in found] == [
        ("Accepted", 2),
        ("Refused", 5),
        ("Refused", 6),
    ]
    assert str(found[1]).startswith("reviews.csv:5: column 'rating': '7' is not 1 to 5")


@pytest.mark.parametrize("column", ["text", "Review", "COMMENT", "body", "review_text"])
def test_the_text_is_found_under_many_names(tmp_path, column):
    (found,) = _read(_file(tmp_path, f"{column},Stars\nslow app,2\n"))
    assert (found.text, found.rating, found.source, found.app) == ("slow app", 2, "file", "org.example.app")


def test_a_row_without_an_id_gets_a_digest_of_its_content(tmp_path):
    first, again, other = _read(
        _file(tmp_path, "text,date\nslow,2026-01-01\nslow,2026-01-01\nfast,2026-01-01\n")
    )
    assert first.external_id == again.external_id != other.external_id


def test_a_person_is_kept_as_a_pseudonym(tmp_path):
    first, second = _read(_file(tmp_path, "text,user\na,Invented Person\nb, invented person\n"))
    assert first.person == second.person
    assert "nvented" not in first.model_dump_json()
    assert pseudonym("a", "x") != pseudonym("b", "x")
    assert pseudonym("a", " ") == ""


def test_personal_numbers_do_not_reach_the_record(tmp_path):
    (found,) = _read(_file(tmp_path, "text\nmy number is 0300 1234567\n"))
    assert found.text == "my number is [phone]"


def test_a_text_beyond_the_limit_is_cut(tmp_path):
    (found,) = _read(_file(tmp_path, "text\n" + "a" * (TEXT_LIMIT + 5) + "\n"))
    assert len(found.text) == TEXT_LIMIT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("colour\nred\n", "name the column"),
        ("text,rating\n,\n1,2,3\n", "check the commas"),
        (b"text\nbad \xff byte\n", "save the file as UTF-8"),
        ("text,date\nslow,someday\n", "is not a date"),
        ('text\n"' + "x" * 140_000 + '"\n', "not a CSV row"),
        ("text,id\n,7\n", "remove the row"),
    ],
)
def test_refusals_say_what_to_do(tmp_path, content, reason):
    assert reason in " ".join(
        row.reason for row in _read(_file(tmp_path, content)) if isinstance(row, Refused)
    )


def test_cut_off_utf_16_is_refused_from_there_on(tmp_path):
    content = _play(_play_row(), _play_row("r2")).encode("utf-16")
    found = _read(_file(tmp_path, content[:-1] + b"\x00\xd8"))
    assert found[0].external_id == "r1"


def test_json_lines_are_read_and_a_broken_line_is_refused(tmp_path):
    content = '{"text": "slow", "rating": 2}\n\n{"text": \n[1]\n{"comment": "ok"}\n'
    found = list(rows(_file(tmp_path, content, "x.jsonl"), DEFAULTS))
    assert [(type(row).__name__, row.line) for row in found] == [
        ("Accepted", 1), ("Refused", 3), ("Refused", 4), ("Accepted", 5)]  # fmt: skip


def _review(number, **attributes):
    own = {"rating": 1, "title": "Bad", "body": "crash", "reviewerNickname": "nick", "createdDate": "2026-01-02T03:04:05-08:00",
           "territory": "PAK", **attributes}  # fmt: skip
    return {"type": "customerReviews", "id": str(number), "attributes": own}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", ["page", "pages", "list"])
def test_app_store_pages_are_known_by_their_content(tmp_path, shape, indent):
    page = {"data": [_review(1), _review(2)], "links": {"next": "x"}}
    value = {"page": page, "pages": [page], "list": page["data"]}[shape]
    found = _read(_file(tmp_path, json.dumps(value, indent=indent), "x.json"))
    assert [one.external_id for one in found] == ["1", "2"]
    assert found[0].source == "app_store"
    assert found[0].written_at == datetime(2026, 1, 2, 11, 4, 5, tzinfo=UTC)
    assert found[0].locale == "PAK"
    assert found[0].person


def test_app_store_pages_one_per_line_are_read(tmp_path):
    content = "\n".join(json.dumps({"data": [_review(number)]}) for number in (1, 2))
    assert [one.external_id for one in _read(_file(tmp_path, content, "x.json"))] in (["1", "2"], ["1"])


def test_a_bad_app_store_review_is_refused_at_its_line(tmp_path):
    content = json.dumps({"data": [_review(1, rating=9), _review(2), {"type": "customerReviews", "id": "3"},
                                   {"type": "customerReviews", "attributes": {"body": "x"}},
                                   _review(5, createdDate=None), 7]}, indent=1)  # fmt: skip
    found = list(rows(_file(tmp_path, content, "x.json"), DEFAULTS))
    assert [type(row).__name__ for row in found] == [
        "Refused",
        "Accepted",
        "Refused",
        "Refused",
        "Refused",
        "Refused",
    ]
    assert content.splitlines()[found[0].line - 1].strip() == "{"
    assert found[1].line > found[0].line


@pytest.mark.parametrize("content", ['{"data": [{"type": "cust', '[{"text": "x"},'])
def test_a_damaged_document_refuses_the_rest_only(tmp_path, content):
    found = _read(_file(tmp_path, content, "x.json"))
    assert isinstance(found[-1], Refused) or found[-1].text == "x"


def test_a_document_without_rows_is_refused(tmp_path):
    found = _read(_file(tmp_path, '{\n "a": 1}\n', "x.json"))
    assert all(isinstance(row, Refused) for row in found)


@pytest.mark.parametrize("content", ["", "\n\n", "[]", "text\n"])
def test_an_empty_file_gives_nothing(tmp_path, content):
    assert _read(_file(tmp_path, content)) == []


def test_the_file_name_names_the_app():
    from pathlib import Path

    assert app_name(Path("my reviews (1).csv")) == "my-reviews-1"
    assert app_name(Path("تبصرے.csv")) == "app"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("31/01/2026", datetime(2026, 1, 31, tzinfo=UTC)),
        ("31.1.2026 10:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T05:00:00+05:00", datetime(2026, 1, 31, tzinfo=UTC)),
        ("1767348184", datetime(2026, 1, 2, 10, 3, 4, tzinfo=UTC)),
        ("1767348184000", datetime(2026, 1, 2, 10, 3, 4, tzinfo=UTC)),
    ],
)
def test_dates_are_read_in_the_common_forms(written, expected):
    assert instant("date", written) == expected


@pytest.mark.parametrize("written", ["31/02/2026", "soon", "99999999999999999", "٢٠٢٦-٠١-٠١x"])
def test_what_is_no_date_is_refused(written):
    with pytest.raises(UnfitRowError, match="date"):
        instant("date", written)


@pytest.mark.parametrize(
    ("written", "expected"), [("4", 4), (4.0, 4), ("4/5", 4), ("5 Stars", 5), ("", None), (None, None)]
)
def test_ratings_are_read_in_the_common_forms(written, expected):
    assert rating("rating", written) == expected


@pytest.mark.parametrize("written", ["0", "6", "4.5", "good", "x" * 60])
def test_what_is_no_rating_is_refused(written):
    with pytest.raises(UnfitRowError, match="not 1 to 5"):
        rating("rating", written)


def test_the_whole_public_export_is_read(public_data):
    found = [
        row for path in sorted((public_data / "store_export").glob("*.csv")) for row in rows(path, DEFAULTS)
    ]
    assert len(found) == 5_000
    assert all(isinstance(row, Accepted) for row in found)


@pytest.mark.parametrize("name", ["app_reviews_types", "roman_urdu_sentiment", "banking_intents"])
def test_the_public_json_lines_are_read_and_dated_as_told(public_data, tmp_path, name):
    whole = (public_data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    some = whole[::EVERY]
    found = _read(_file(tmp_path, "".join(some), f"{name}.jsonl"))
    assert len(found) == len(some)
    assert all(isinstance(one, Feedback) and one.written_at == NOW for one in found)


def test_control_characters_cost_no_row(tmp_path):
    row = {
        "id": "r\x01-7",
        "text": "slow\x00\x1b\r\nvery",
        "version": "2\x07.1",
        "device": "A\x7f1",
        "screen": "x\x85",
    }
    (found,) = _read(_file(tmp_path, json.dumps(row), "x.jsonl"))

    assert (found.external_id, found.text, found.version) == ("r-7", "slow\nvery", "2.1")
    assert (found.device, found.screen) == ("A1", "x")


def test_numbers_are_masked_in_every_field_that_people_fill(tmp_path):
    row = {"text": "slow", "version": "0300 1112222", "device": "0300 1112222", "screen": "0300 1112222"}
    (found,) = _read(_file(tmp_path, json.dumps(row), "x.jsonl"))

    assert {found.version, found.device, found.screen} == {"[phone]"}


def test_a_date_outside_the_calendar_that_is_kept_is_refused_with_its_column(tmp_path):
    (found,) = _read(_file(tmp_path, '{"text": "slow", "date": "0999-01-01"}', "x.jsonl"))

    assert "written_at" in found.reason
    assert "2000" in found.reason
