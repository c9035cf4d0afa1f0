"""Changelogs told from feedback, and read line by line."""

import json

import pytest

from feedback_ml.sources.changelogs import ReleaseLine, is_changelog, read_releases

LINE = {"version": "2.1", "date": "2026-05-04", "changelog": "Codes arrive"}


@pytest.fixture
def file(tmp_path):
    def written(*lines):
        path = tmp_path / "any.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return written


@pytest.mark.parametrize("first", [LINE, "\n\n" + json.dumps(LINE), "\ufeff" + json.dumps(LINE)])
def test_a_changelog_is_known_by_its_fields(file, first):
    assert is_changelog(file(first))


@pytest.mark.parametrize(
    "first",
    ["", "id,text", "[", "{", '"text"', LINE | {"text": "OTP does not arrive"}, {"version": "2", "text": "x"},
     LINE | {"changelog": "x" * 70_000}],
)  # fmt: skip
def test_anything_else_is_none(file, first):
    assert not is_changelog(file(first))


def test_releases_are_read_with_the_line_they_stand_on(file):
    (first, second) = read_releases(file(LINE, "", LINE | {"version": "2.2", "date": "04/06/2026"}))

    assert first == ReleaseLine("any.jsonl", 1, "2.1", "2026-05-04", "Codes arrive")
    assert (second.line, second.day) == (3, "2026-06-04")
    assert first.as_json() == LINE


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        (LINE | {"date": ""}, "'date': is missing"),
        (LINE | {"version": " "}, "'version': is missing"),
        (LINE | {"date": "soon"}, "'date'"),
        (LINE | {"rating": 5}, "'rating'"),
    ],
)
def test_a_line_that_is_no_release_says_why(file, line, reason):
    (refused,) = read_releases(file(line))

    assert reason in refused.reason
