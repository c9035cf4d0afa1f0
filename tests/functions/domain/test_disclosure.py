"""Figures of fewer than ten people are shown nowhere."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from functions.domain.disclosure import WITHHELD, shown, texts_counted
from schemas.topics import COUNTED, FEWEST_PEOPLE, Measured, TopicBasis, TopicRow
from tests.browser import seed
from tests.factories import NOON

DOORS = sorted(Path("functions").glob("*.py"))


MEASURED = Measured(
    release_id="r-0123456789abcdef", verdict="helped", rate_before=30.0, rate_after=4.0,
    texts_before=60, texts_after=8, as_of=NOON,
)  # fmt: skip


def topic(people, **changes):
    looped = {"verdict": "helped", "measured": MEASURED}
    looped |= {"place": 1, "tied": False, "low_rank": 1, "high_rank": 2, "margin": 1.5, "hit_harder": "ur"}
    return seed.row(1, seed.TOPICS[0]).model_copy(update={**looped, "people": people, **changes})


def test_ten_people_are_shown_whole():
    stored = topic(10)
    row = shown(stored)

    assert not row.suppressed
    few = {"told", "still_broken"}  # of the many who wrote, those may be few: counted apart
    assert row.model_dump(exclude={"suppressed", *few}) == stored.model_dump(exclude=few)


def test_of_nine_people_nothing_counted_is_left_and_all_else_stays():
    stored = topic(9)
    row = shown(stored)

    assert row.suppressed
    assert row.model_dump(include=set(COUNTED)) == WITHHELD
    assert row.model_dump(include=set(TopicBasis.model_fields)) == stored.model_dump(
        include=set(TopicBasis.model_fields)
    )


def test_topics_of_few_people_look_alike_whatever_their_figures():
    assert shown(topic(1, texts=1, severity=5.0, weeks=(1,), trend="new")) == shown(topic(9, texts=70))


@pytest.mark.parametrize("field", sorted(WITHHELD))
def test_no_row_can_be_made_that_tells_a_figure_of_few_people(field):
    quiet = dict(shown(topic(9)))
    with pytest.raises(ValidationError, match="fewer people"):
        TopicRow(**quiet | {field: getattr(topic(9), field)})


def test_no_row_of_few_people_can_be_passed_off_as_one_of_many():
    with pytest.raises(ValidationError, match="fewer people"):
        TopicRow(**dict(topic(FEWEST_PEOPLE - 1)), suppressed=False)


def test_of_many_who_wrote_the_few_who_answered_are_not_counted_out():
    row = shown(topic(200, told=120, still_broken=9))

    assert (row.told, row.still_broken) == (120, None)
    assert shown(topic(200, told=120, still_broken=10)).still_broken == 10


def test_a_sum_leaves_out_what_its_parts_do_not_show():
    rows = [shown(topic(1204, texts=1300)), shown(topic(7, texts=13)), shown(topic(10, texts=11))]

    assert texts_counted(rows) == (1311, 2)
    assert texts_counted([shown(topic(7, texts=13))]) == (0, 0)


@pytest.mark.parametrize("door", DOORS, ids=lambda path: path.stem)
def test_no_door_takes_topics_from_the_store_itself(door):
    written = door.read_text(encoding="utf-8")

    assert "RankedTopic" not in written
    assert "storage import topics" not in written
