"""The table says what was measured: a goal is reached at its very limit, and not beyond it."""

from tests.bench.figures import at_least, at_most, percentile, shown, table, told


def test_a_goal_is_reached_at_its_limit_and_missed_beyond_it():
    assert at_most("start", 0.8, "ratio", 0.8, "").reached
    assert not at_most("start", 0.81, "ratio", 0.8, "").reached
    assert at_least("labels", 5_000, "/s", 5_000, "").reached
    assert not at_least("labels", 4_999, "/s", 5_000, "").reached


def test_a_percentile_is_the_value_that_so_many_do_not_exceed():
    assert percentile(range(1, 101), 0.5) == 50
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([], 0.99) == 0


def test_the_table_names_a_missed_goal_and_says_each_way_of_measuring_once():
    printed = table(
        [
            at_most("a", 2, "ms", 1, "by clock"),
            told("b", 3, "ms", "by clock"),
            at_most("c", 1, "ms", 1, "by eye"),
        ]
    )

    assert [line.split()[:5] for line in printed.splitlines()[2:5]] == [
        ["a", "2", "ms", "<=", "1"],
        ["b", "3", "ms", "(1)"],
        ["c", "1", "ms", "<=", "1"],
    ]
    assert "NO" in printed
    assert printed.count("by clock") == 1


def test_figures_are_shown_to_the_digits_that_mean_something():
    assert [shown(n) for n in (0.123456, 12.34, 1234.5, 20_000)] == ["0.123", "12.3", "1,234", "20,000"]
