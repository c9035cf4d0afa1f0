from datetime import UTC, datetime

import pytest

from functions.domain import limits
from functions.domain.errors import TooManyRequests
from functions.domain.limits import Rule
from functions.storage.codes import Window

TWO_A_MINUTE = (Rule(2, 60),)
HOUR = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "now", "wait"),
    [
        ((), 100, 0),
        ((90,), 100, 0),
        ((90, 95), 100, 50),
        ((80, 90, 95), 100, 50),
        ((30, 40, 95), 100, 0),  # the oldest two are over
        ((40, 41), 100, 0),  # a span ends with its last second
        ((41, 41), 100, 1),
    ],
)
def test_the_wait_is_until_the_oldest_that_counts_is_over(times, now, wait):
    assert limits.seconds_to_wait(times, TWO_A_MINUTE, now) == wait


def test_of_two_rules_the_longer_wait_counts():
    assert limits.seconds_to_wait((97, 98), (Rule(2, 60), Rule(1, 600)), 100) == 598


def test_what_no_rule_looks_at_any_more_is_dropped():
    kept = limits.with_one_more(Window("row", (1, 50, 99), 0, "w"), TWO_A_MINUTE, 100)

    assert kept == Window("row", (50, 99, 100), 160, "w")


def test_a_server_whose_clock_is_behind_keeps_the_order():
    assert limits.with_one_more(Window("row", (50, 101)), TWO_A_MINUTE, 100).times == (50, 100, 101)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_one_asker_is_an_ipv4_address_or_a_64_of_ipv6(address, network):
    assert limits.network_of(address) == network


@pytest.mark.usefixtures("tables")
def test_an_address_waits_for_the_next_hour_of_the_clock():
    for _ in range(3):
        limits.admit("tests", "203.0.113.1", 3, HOUR.replace(minute=59))
    with pytest.raises(TooManyRequests) as refused:
        limits.admit("tests", "203.0.113.1", 3, HOUR.replace(minute=59, second=30, microsecond=500_000))

    assert refused.value.seconds == 30
    limits.admit("tests", "203.0.113.2", 3, HOUR.replace(minute=59))
    limits.admit("others", "203.0.113.1", 3, HOUR.replace(minute=59))
    limits.admit("tests", "203.0.113.1", 3, HOUR.replace(hour=8))


def test_a_row_says_nothing_of_whom_it_is_about():
    row = limits.row_of("document asked", "cnic:0000000000001", "203.0.113.1")

    assert row.startswith("document-asked#")
    assert "0000000" not in row
    assert row == limits.row_of("document asked", "cnic:0000000000001", "203.0.113.1")
    assert row != limits.row_of("document sent", "cnic:0000000000001", "203.0.113.1")
