"""The signed root of each day: forged, missing, out of order or made anew, and how large it is."""

from datetime import timedelta

import pytest

from functions.domain import ledger
from functions.domain.ledger import Bad, first_bad_root, read_root, root_of, signed
from functions.storage.keyring import keyring
from tests.functions.domain.test_ledger import DAY, chain, copies


def roots(days):
    tokens, previous = [], ""
    for number in range(days):
        day = DAY + timedelta(days=number)
        token = signed(root_of(day, previous, copies(chain(3, number))), keyring().ledger)
        tokens.append((day, token))
        previous = ledger.digest_of_root(token)
    return tokens


def fault(tokens, today=DAY + timedelta(days=4)):
    return first_bad_root(tokens, keyring().ledger, DAY, today)


def test_signed_roots_of_every_day_are_whole():
    assert fault(roots(4)) is None


def test_yesterdays_root_may_still_be_on_its_way():
    assert fault(roots(3)) is None


@pytest.mark.parametrize("day", range(3))
def test_a_missing_root_is_named(day):
    tokens = roots(4)
    del tokens[day]

    assert fault(tokens) == Bad("root_missing", where=str(DAY + timedelta(days=day)))


def test_a_root_signed_by_another_key_is_named():
    from joserfc.jwk import ECKey

    tokens = roots(4)
    stranger = ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)
    tokens[2] = (tokens[2][0], signed(root_of(tokens[2][0], "", ()), stranger))

    assert fault(tokens) == Bad("root_forged", where=str(tokens[2][0]))


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.e30"])
def test_what_is_no_root_is_none(token):
    assert read_root(token, keyring().ledger) is None


def test_a_root_of_another_day_is_named():
    tokens = roots(4)
    tokens[1] = (tokens[1][0], tokens[2][1])

    assert fault(tokens).fault == "root_forged"


def test_a_root_made_anew_breaks_the_chain_of_the_days_after():
    tokens = roots(4)
    day, token = tokens[1]
    previous = read_root(token, keyring().ledger).previous
    tokens[1] = (day, signed(root_of(day, previous, copies(chain(2))), keyring().ledger))

    assert fault(tokens) == Bad("root_chain_broken", where=str(tokens[2][0]))


def test_a_root_of_twenty_thousand_copies_can_be_read_and_takes_two_megabytes():
    entries = tuple((f"case:KH-{n:04}-3456-A", n % 9 + 1, "x" * 43) for n in range(20_000))
    root = ledger.Root(DAY, "", entries)
    token = signed(root, keyring().ledger)

    assert read_root(token, keyring().ledger) == root
    assert len(token) < 2_000_000


@pytest.mark.parametrize("day", [DAY - timedelta(days=1), DAY + timedelta(days=4)])
def test_a_root_of_a_day_that_had_none_is_named(day):
    tokens = sorted([*roots(4), (day, "a.b.c")])

    assert fault(tokens) == Bad("root_forged", where=str(day))
