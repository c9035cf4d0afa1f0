"""Counts over time and where releases fall."""

from datetime import UTC, datetime, timedelta

from feedback_ml.release_files import Entry
from feedback_ml.report import trends

AS_OF = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_last_week_holds_the_instant_itself_and_none_after():
    weeks = trends.weeks(AS_OF)
    assert weeks.count([AS_OF, AS_OF + DAY, AS_OF - 7 * DAY, AS_OF - 8 * DAY]) == (0, 0, 0, 0, 0, 0, 2, 1)
    assert sum(weeks.count([AS_OF - 57 * DAY])) == 0


def test_months_are_those_of_the_calendar_across_the_turn_of_the_year():
    months = trends.months(AS_OF)
    assert len(months.starts) == 12
    assert (months.starts[0], months.starts[-1]) == (
        datetime(2025, 6, 1, tzinfo=UTC),
        datetime(2026, 5, 1, tzinfo=UTC),
    )
    assert months.count([datetime(2025, 12, 31, 23, 59, tzinfo=UTC)])[6] == 1


def test_december_is_followed_by_january():
    assert trends.months(datetime(2026, 12, 31, tzinfo=UTC)).edges[-1] == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_release_stands_where_its_day_is_and_outside_nowhere():
    inside, outside = Entry("2", AS_OF - 28 * DAY, ()), Entry("1", AS_OF - 90 * DAY, ())
    (mark,) = trends.marks(trends.weeks(AS_OF), [outside, inside], frozenset({"2"}))
    assert (mark.version, mark.is_about) == ("2", True)
    assert abs(mark.at - 0.5) < 0.001
