import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.accounts import code_typed
from schemas.documents import Document, countries, typed

ZEROS = "0٠۰०０߀"
"""Zero in six scripts; its digits follow it."""
BETWEEN = (
    "",
    " ",
    "-",
    "\u2013",
    "\u2212",
    "_",
    "\n",
    "\u200f",
    "\u2066",
    "\ufeff",
    "\u00a0",
    "\u200c",
    "\u0000",
)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(ZEROS), st.sampled_from(BETWEEN)),
        min_size=13,
        max_size=13,
    )
)
def test_a_card_is_one_person_however_it_is_typed(typed_digits):
    number = "".join(between + chr(ord(zero) + digit) for digit, zero, between in typed_digits) + "\n"
    plain = "".join(str(digit) for digit, _, _ in typed_digits)

    assert {Document(kind=kind, number=number).normal for kind in ("cnic", "nicop")} == {f"cnic:{plain}"}


@pytest.mark.parametrize(
    "number",
    ["000000000000", "00000000000000", "0000000000000a", "000000000000½", "+0000000000001", "0" * 61],
)
def test_what_is_not_thirteen_digits_is_no_card(number):
    with pytest.raises(ValidationError):
        Document(kind="cnic", number=number)


@pytest.mark.parametrize("number", ["ab123456", "AB 123 456", "ＡＢ１２３４５６", "ab-12۳456\u200e"])
def test_a_passport_is_capital_letters_digits_and_its_country(number):
    assert Document(kind="passport", number=number, country=" gb\n").normal == "passport:GB:AB123456"


@pytest.mark.parametrize(
    ("number", "country"),
    [("AB1", "GB"), ("A" * 21, "GB"), ("ÄB12345", "GB"), ("AB12345", "UK"), ("AB12345", None)],
)
def test_what_is_no_passport_is_refused(number, country):
    with pytest.raises(ValidationError):
        Document(kind="passport", number=number, country=country)


def test_the_countries_are_those_of_the_standard():
    assert len(countries()) == 249
    assert {"PK", "GB", "US", "SA", "AE"} <= countries()


@pytest.mark.parametrize("code", ["012345", " 012 345\n", "۰۱۲۳۴۵", "٠١٢-٣٤٥"])
def test_a_code_is_six_digits_however_it_is_typed(code):
    assert code_typed(code) == "012345"


def test_typed_leaves_other_letters_as_they_are():
    assert typed("ab کخ-1") == "abکخ1"
