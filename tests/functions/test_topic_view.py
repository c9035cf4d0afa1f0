from datetime import UTC, datetime, timedelta

import pytest

from functions import topic_view
from functions.domain import disclosure
from functions.domain.board import Facts
from functions.storage.releases import Release
from schemas.topics import Measured
from tests.browser import seed

END = seed.AS_OF


def row():
    return disclosure.shown(seed.row(1, seed.TOPICS[0]))


def release(version, days_ago, **more):
    at = END - timedelta(days=days_ago)
    return Release(f"r-{version}", seed.APP, version, "shipped", at.date(), at, "", at, "owner-1", **more)


def weeks(*counts):
    return topic_view.weeks(row(), Facts(weeks=counts))


def measured(**figures):
    said = {
        "release_id": "r-1", "verdict": "helped", "rate_before": 9.0, "rate_after": 3.0, "ratio": 0.5, "low": 0.25,
        "high": 1.0, "control": 1.0, "texts_before": 100, "texts_after": 100, "as_of": END,
    }  # fmt: skip
    return Measured.model_validate(said | figures)


def test_twelve_weeks_are_shown_and_more_back_to_the_first_text():
    assert len(weeks(*[0] * 20, 1, 2, 3, 4, 5, 6)) == 12
    assert len(weeks(*[0] * 8, *[1] * 18)) == 18
    assert len(weeks(*[0] * 26)) == 12
    assert [week.texts for week in topic_view.weeks(row(), Facts())] == list(seed.TOPICS[0]["weeks"])


def test_each_week_names_the_releases_that_came_out_in_it():
    found = topic_view.with_releases(weeks(*[1] * 12), [release("2", 3), release("1", 10), release("0", 400)])

    assert [week.releases for week in found[-2:]] == [("1",), ("2",)]
    assert found[-1].ends == END


def test_the_fullest_week_fills_the_chart_and_none_leaves_it_flat():
    full = topic_view.chart(weeks(*[0] * 10, 5, 10), [], None, 720, 220)
    flat = topic_view.chart(weeks(*[0] * 12), [], None, 720, 220)

    assert (full.bars[-1].height, full.bars[0].height) == (168.0, 0.0)
    assert [texts for _, texts in full.scale] == [10, 5, 0]
    assert [texts for _, texts in flat.scale] == [4, 2, 0]


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 4), (4, 4), (5, 6), (11, 20), (25, 30), (61, 80), (204, 300), (999, 1000), (1001, 2000)],
)
def test_a_scale_ends_at_a_number_that_is_easily_read(most, top):
    assert topic_view.chart(weeks(*[0] * 11, most), [], None, 720, 220).scale[0][1] == top


def test_releases_are_marked_and_the_own_one_has_its_label_first():
    out = [release("2.1", 8), release("2.2", 10), release("2.3", 60), release("1.0", 400)]
    found = topic_view.chart(weeks(*[1] * 12), out, "r-2.2", 720, 220).marks

    assert [(mark.version, mark.label, mark.is_own) for mark in found] == [
        ("2.3", "2.3", False), ("2.2", "2.2", True), ("2.1", "", False)
    ]  # fmt: skip
    assert topic_view.chart((), out, None, 720, 220).marks == ()


def test_dates_stand_apart_on_a_narrow_drawing_and_end_with_the_last_week():
    narrow = topic_view.chart(weeks(*[1] * 24), [], None, 340, 200)
    apart = [after[0] - before[0] for before, after in zip(narrow.dates, narrow.dates[1:], strict=False)]

    assert min(apart) >= topic_view.LABEL_WIDTH - 1
    assert narrow.dates[-1][1] == "1/3"


def test_half_and_double_lie_equally_far_from_as_before():
    found = topic_view.scale(measured(ratio=0.5, low=0.25, high=2.0))

    assert found.value + topic_view.scale(measured(ratio=2.0)).value == pytest.approx(100, abs=0.2)
    assert (found.control, found.high + topic_view.scale(measured(low=0.5)).low) == (
        50.0,
        pytest.approx(100, abs=0.2),
    )


def test_what_lies_beyond_the_scale_stands_at_its_end():
    found = topic_view.scale(measured(ratio=0.0, low=0.0, high=None, control=None))

    assert (found.value, found.low, found.high, found.control) == (0.0, 0.0, 100.0, None)
    assert topic_view.scale(measured(low=None, ratio=None)) is None
    assert topic_view.scale(measured(ratio=None)).value is None


def test_days_are_those_of_karachi():
    late = datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
    assert topic_view._day_and_month(late) == "1/3"
