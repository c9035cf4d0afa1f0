"""Rows as a spreadsheet reads them: the same text, and no formula, however the file is opened."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.spreadsheet import BYTE_ORDER_MARK, harmless, sheet

# Written out here by code point, so that the test does not lean on the rule it tests.
PASSED_OVER = (
    "\x00\t\n\v\f\r\x1c\x1f \x85\xa0\xad\u034f\u061c\u200b\u200c\u200d\u200e\u2028\u2060\u3000\ufeff\"'"
)
BEGINS = "=+-@＝＋－＠﹢﹣﹦﹫\u2212"
HOSTILE = st.text(st.sampled_from(PASSED_OVER + BEGINS + ",;|aک1"), max_size=8)
TEXTS = st.lists(st.one_of(st.text(max_size=20), HOSTILE), min_size=1, max_size=4)


def read(text, delimiter=","):
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), delimiter=delimiter))


def plain(rows):
    """Without apostrophes: those that were added, and those that were there."""
    return [[cell.replace("'", "") for cell in row] for row in rows]


@given(st.lists(TEXTS, max_size=4))
def test_what_is_read_back_is_what_was_written_but_for_apostrophes(rows):
    assert plain(read(sheet(["name"], rows))) == plain([["name"], *rows])


@given(TEXTS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_begins_a_formula_whichever_separator_it_is_read_with(delimiter, texts):
    cells = [cell for row in read(sheet(["name"], [texts]), delimiter) for cell in row]

    ours = {"\t", "\r"} if delimiter == "," else set()
    assert [cell for cell in cells if cell[:1] in set(BEGINS) | ours] == []
    assert [cell for cell in cells if cell.replace('"', "").strip(PASSED_OVER[:-1])[:1] in set(BEGINS)] == []


@given(HOSTILE)
def test_no_line_begins_a_formula_for_a_reader_that_knows_no_quotes(text):
    parts = re.split('[,;|"\t\r\n]', sheet(["name"], [[text]]))

    assert [part for part in parts if part.strip(PASSED_OVER[:-1])[:1] in set(BEGINS)] == []


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+923000000000",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\tplain",
        "   =1",
        "\u200b=1",
        "\ufeff@a",
        "＝1",
        "－1",
        "\u22121",
        "'=1",
        '"=1',
        '=cmd|" /C calc"!A0',
        '=HYPERLINK("https://evil.example")',
    ],
)
def test_a_text_that_would_act_begins_with_an_apostrophe(text):
    assert harmless(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "guarded"), [("a;=1", "a;'=1"), ("a\n=1", "a\n'=1"), ('a",=1', "a\",'=1"), ("a\t@b", "a\t'@b")]
)
def test_a_formula_behind_a_separator_is_guarded_where_it_begins(text, guarded):
    assert harmless(text) == guarded


@pytest.mark.parametrize(
    "text", ["", "a-b", "KH-2345-6789-A", "a = b", "شکایت", "x@example.test", "5", "'quoted'"]
)
def test_a_text_that_does_nothing_is_left_as_it_is(text):
    assert harmless(text) == text


def test_the_file_is_utf_8_with_its_mark_and_lines_end_as_the_standard_says():
    assert sheet(["a", "b"], [["ش", 1]]) == '\ufeff"a","b"\r\n"ش",1\r\n'


def test_numbers_that_we_count_stay_numbers():
    assert sheet(["late"], [[-5], [0.5]]).endswith('"late"\r\n-5\r\n0.5\r\n')


def test_an_instant_is_iso_8601_and_nothing_is_an_empty_cell():
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)

    assert read(sheet(["a", "b"], [[at, None]]))[1] == ["2026-03-01T09:00:00+00:00", ""]


def test_the_names_of_columns_are_texts_too():
    assert read(sheet(["=1"], []))[0] == ["'=1"]


def test_a_field_with_quotes_commas_and_lines_is_one_field():
    text = 'He said "no", then\r\nleft'

    assert read(sheet(["a"], [[text]]))[1] == [text]
