from datetime import timedelta
from itertools import combinations

import pytest

from functions.domain import complaints, similar, words
from functions.domain.errors import InvalidRequest, NotFound
from schemas.search import SimilarQuestion
from tests import registered
from tests.factories import CITIZEN, DPO, NOON, OTHER_SDPO, SDPO, case
from tests.functions.domain.accounts_of_matters import MATTERS, RETOLD

STOLEN, AGAIN, URDU, ROMAN = MATTERS["motorcycle at the market"]


def marks(text):
    telling = [word for word in words.words_of(text, words.MOST_WORDS) if word not in words.common()]
    return words.marks(telling, "2026-03")


def test_accounts_of_one_matter_are_alike_and_of_two_are_not():
    """Own small sets, so optimistic: in the field people tell one matter less alike than this."""
    told = [
        (name, marks(t)) for several in (MATTERS, RETOLD) for name, texts in several.items() for t in texts
    ]
    pairs = [(a[0] == b[0], similar.score(a[1], b[1]) >= similar.LIKE) for a, b in combinations(told, 2)]
    hits = sum(same and alike for same, alike in pairs)
    precision = hits / sum(alike for _, alike in pairs)
    recall = hits / sum(same for same, _ in pairs)
    print(f"{len(told)} accounts, {len(pairs)} pairs: precision {precision:.3f}, recall {recall:.3f}")

    assert precision >= 0.95
    assert recall >= 0.95


def test_a_score_goes_from_nothing_to_all_and_needs_some_words():
    one = marks(STOLEN)

    assert similar.score(one, one) == 1
    assert similar.score(one, marks(MATTERS["signal"][0])) == 0
    assert similar.score(frozenset({b"a", b"b"}), frozenset({b"a", b"b"})) == 0
    assert 0 < similar.score(one, marks(URDU)) == similar.score(marks(URDU), one) < 1


@pytest.fixture
def near(tables):
    registered.enter(
        registered.row(1, STOLEN),
        registered.row(2, URDU, lodged_at=NOON - timedelta(days=6, hours=23)),
        registered.row(3, ROMAN, lodged_at=NOON - timedelta(days=7, seconds=1)),
        registered.row(4, AGAIN, lodged_at=NOON + timedelta(days=7)),
        registered.row(5, STOLEN, state="closed"),
        registered.row(6, STOLEN, station="ps-lhr-civil-lines"),
        registered.row(7, STOLEN, station=""),
        registered.row(8, MATTERS["signal"][0]),
    )


def found(station="ps-lhr-mozang", text=ROMAN):
    return {
        int(row.reference[10:12]): likeness
        for row, likeness in similar.similar(words.words_of(text), "ds-lahore", station, NOON)
    }


def test_open_cases_of_the_station_within_a_week_are_found_across_scripts_and_months(near):
    assert set(found()) == {1, 2, 7}


def test_without_a_station_the_district_is_looked_at(near):
    assert set(found(station="")) == {1, 2, 6, 7}


def test_the_most_alike_go_first(near):
    likeness = [each for _, each in similar.similar(words.words_of(STOLEN), "ds-lahore", "", NOON)]

    assert likeness == sorted(likeness, reverse=True)
    assert likeness[0] == 1


def test_few_words_are_like_nothing_and_ask_the_table_nothing(near, monkeypatch):
    monkeypatch.setattr(similar, "_near", None)

    assert found(text="FIR at the police station, register it") == {}


def test_no_more_rows_are_looked_at_than_may_be(near, monkeypatch):
    monkeypatch.setattr(similar, "MOST_LOOKED_AT", 1)

    assert len(found()) <= 1


def asked(**changes):
    return SimilarQuestion(
        **({"category": "slackness", "narrative": STOLEN, "station": "ps-lhr-mozang"} | changes)
    )


def alike(**changes):
    return similar.before_lodging(CITIZEN, asked(**changes), NOON)


def test_a_citizen_is_told_their_own_by_reference_and_of_others_that_there_are_some(near, tables):
    registered.lodged(tables, case(reference="KH-2345-6701-A"))

    assert alike().mine == ("KH-2345-6701-A",)
    assert alike().others == (("B", "1-4"),)


def test_many_of_others_are_told_as_many(tables):
    registered.enter(*(registered.row(n, STOLEN) for n in range(5)))

    assert alike().others == (("B", "5+"),)


@pytest.mark.parametrize("changes", [{"accused": ("officer-1",)}, {"about_offices": ("ps-lhr-mozang",)}])
def test_nobody_is_told_of_complaints_about_officers(tables, changes):
    registered.enter(registered.row(1, STOLEN, **changes))

    assert alike().others == ()


def test_whoever_knows_little_of_a_complaint_is_told_nothing_of_it(tables):
    registered.enter(registered.row(1, STOLEN))
    few = "motorcycle theft market Mozang, yes"

    assert len(similar.similar(words.words_of(few), "ds-lahore", "", NOON)) == 1
    assert alike(narrative=few).others == ()


def test_of_a_restricted_matter_nobody_is_told_of_others(tables):
    registered.enter(registered.row(1, STOLEN))

    assert alike(category="violence_against_women").others == ()


def test_a_district_will_do_and_some_place_is_needed(near):
    assert alike(station=None, district="ds-lahore").others == (("B", "1-4"),)
    for wrong in ({"station": None}, {"station": "ds-lahore"}, {"station": None, "district": "ds-nowhere"}):
        with pytest.raises(InvalidRequest):
            alike(**wrong)


def of_case(caller, reference="KH-2345-6799-A"):
    return [row.reference for row, _ in similar.like(caller, complaints.read(caller, reference, NOON))]


def test_an_officer_finds_what_is_like_a_case_and_only_what_they_may_read(near, tables):
    registered.enter(
        registered.row(20, STOLEN, office="sd-lhr-model-town"),
        registered.row(21, STOLEN, accused=(SDPO.subject,)),
    )
    registered.lodged(tables, case(reference="KH-2345-6799-A", narrative=STOLEN, station="ps-lhr-mozang"))

    assert {"KH-2345-6701-A"} <= set(of_case(SDPO))
    assert not {"KH-2345-6720-A", "KH-2345-6721-A"} & set(of_case(SDPO))
    assert {"KH-2345-6720-A", "KH-2345-6721-A"} <= set(of_case(DPO))
    with pytest.raises(NotFound):
        of_case(OTHER_SDPO)


def test_a_restricted_case_is_like_nothing(near, tables):
    from dataclasses import replace

    registered.lodged(
        tables, case(category="violence_against_women", reference="KH-2345-6799-A", narrative=STOLEN)
    )
    cleared = replace(SDPO, clearances=frozenset({"violence_against_women"}), purpose="handling")

    assert of_case(cleared) == []
