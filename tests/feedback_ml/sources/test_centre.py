from datetime import UTC, datetime

import pytest

from feedback_ml.sources.centre import is_centre, stars_of
from feedback_ml.sources.reading import read
from feedback_ml.sources.rows import Defaults, Refused, UnfitRowError
from schemas.feedback import Feedback

HEADER = "Centre Code,Date,Time,Smiley,Comment,Language,Counter,Service"
GOOD = "ps-lhr-mozang,2026-11-02,09:15,🙂,,ur,4,Character certificate"


@pytest.fixture
def rows(tmp_path):
    def of(*lines, header=HEADER, app="pk.khidmat.app"):
        path = tmp_path / "tablet.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return list(read(path, Defaults(app, datetime(2026, 11, 3, tzinfo=UTC))))

    return of


def test_a_row_becomes_feedback_of_the_centres_district(rows):
    (record,) = rows(GOOD)

    assert isinstance(record, Feedback)
    assert (record.source, record.rating, record.district) == ("centre", 4, "ds-lahore")
    assert (record.locale, record.device, record.screen) == ("ur", "counter 4", "Character certificate")


@pytest.mark.parametrize(
    ("date", "time", "instant"),
    [
        ("2026-11-02", "09:15", datetime(2026, 11, 2, 4, 15, tzinfo=UTC)),
        ("02/11/2026", "00:30:10", datetime(2026, 11, 1, 19, 30, 10, tzinfo=UTC)),
        ("2026-11-02T09:15:00+00:00", "", datetime(2026, 11, 2, 9, 15, tzinfo=UTC)),
        ("2026-11-02", "09:15+05:00", datetime(2026, 11, 2, 4, 15, tzinfo=UTC)),
        ("1793592900", "", datetime(2026, 11, 2, 4, 15, tzinfo=UTC)),
        ("2026-11-02", "", datetime(2026, 11, 1, 19, 0, tzinfo=UTC)),
    ],
)
def test_times_are_the_centres_own_unless_they_say_otherwise(rows, date, time, instant):
    (record,) = rows(f"ps-lhr-mozang,{date},{time},3,,,,")

    assert record.written_at == instant


@pytest.mark.parametrize(
    ("face", "stars"),
    [
        ("😡", 1), ("🙁", 2), ("☹️", 2), ("😐", 3), ("🙂", 4), ("😀", 5), ("1", 1), ("4/5", 4), ("Very Good", 5),
        ("very_bad", 1), ("SAD", 2), ("neutral", 3), ("Happy", 4), ("اچھا", 4), ("بہت برا", 1), ("bohat  acha", 5), ("", None),
    ],
)  # fmt: skip
def test_a_face_or_its_name_is_so_many_stars(face, stars):
    assert stars_of("Smiley", face) == stars


@pytest.mark.parametrize("face", ["6", "0", "🐈", "meh"])
def test_any_other_face_is_refused(face):
    with pytest.raises(UnfitRowError, match="Smiley"):
        stars_of("Smiley", face)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ps-nowhere,2026-11-02,09:15,3,,,,", "no office has the code 'ps-nowhere'"),
        (",2026-11-02,09:15,3,,,,", "write the centre's code"),
        ("pb,2026-11-02,09:15,3,,,,", "lies in no district"),
        ("ps-lhr-mozang,,09:15,3,,,,", "column 'Date': empty"),
        ("ps-lhr-mozang,soon,,3,,,,", "is not a date"),
        ("ps-lhr-mozang,2026-11-02,25:99,3,,,,", "is not a date"),
        ("ps-lhr-mozang,2026-11-02,09:15,9,,,,", "column 'Smiley'"),
        ("ps-lhr-mozang,2026-11-02,09:15,,,,,", "no text either"),
        ("ps-lhr-mozang,2026-11-02,09:15,3", "4 columns where the header has 8"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_alone_with_its_line(rows, line, reason):
    refused, kept = rows(line, GOOD)

    assert isinstance(refused, Refused)
    assert (refused.line, reason in refused.reason) == (2, True)
    assert isinstance(kept, Feedback)


def test_two_people_who_press_the_same_face_in_the_same_minute_are_two(rows):
    first, second, other = rows(GOOD, GOOD, GOOD.replace(",4,", ",5,"))

    assert len({first.feedback_id, second.feedback_id, other.feedback_id}) == 3


def test_the_same_file_again_has_the_same_ids(rows):
    assert [row.feedback_id for row in rows(GOOD, GOOD)] == [row.feedback_id for row in rows(GOOD, GOOD)]


def test_a_tablets_own_id_is_the_centres_own(rows):
    header = "id," + HEADER
    first, second = rows(
        f"7,{GOOD}", f"7,{GOOD.replace('ps-lhr-mozang', 'PS-LHR-Civil-Lines')}", header=header
    )

    assert (first.external_id, second.external_id) == ("ps-lhr-mozang/7", "ps-lhr-civil-lines/7")


def test_a_text_alone_is_kept_with_nobodys_number(rows):
    (record,) = rows("ps-lhr-mozang,2026-11-02,09:15,,Waited 3 hours. 0300 1234567,en,,")

    assert (record.rating, record.text) == (None, "Waited 3 hours. [phone]")


@pytest.mark.parametrize(
    ("header", "is_one"),
    [
        (HEADER, True),
        ("center_id,timestamp,rating", True),
        ("centre,date,comment", False),
        ("date,rating,text", False),
        ("centre,rating", False),
    ],
)
def test_the_export_is_told_by_its_columns(header, is_one):
    assert is_centre(header.split(",")) is is_one
