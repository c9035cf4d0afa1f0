from functions.board_view import line, week_bars
from functions.domain import disclosure
from functions.storage.topics import VANISHED_RANK
from tests.browser import seed


def drawn(**changes):
    return line(disclosure.shown(seed.row(1, seed.TOPICS[0]).model_copy(update=changes)))


def test_topics_whose_order_is_not_sure_share_a_place():
    assert (drawn(rank=3, place=2, tied=True).place, drawn(rank=3, place=2, tied=True).tied) == (2, True)


def test_a_withheld_rank_ties_with_none():
    shown = drawn(people=7, rank=3, place=2, tied=True)

    assert (shown.place, shown.tied, shown.dots) == (3, False, 0)


def test_a_topic_nobody_writes_about_any_more_has_no_rank():
    row = seed.row(1, seed.TOPICS[0]).model_copy(update={"rank": VANISHED_RANK})
    assert line(disclosure.shown(row)).place is None


def test_the_fullest_week_fills_the_drawing_and_an_empty_one_keeps_a_line():
    assert [bar.height for bar in week_bars((0, 5, 10))] == [1.0, 12.0, 24.0]
    assert [bar.height for bar in week_bars((0, 0))] == [1.0, 1.0]
