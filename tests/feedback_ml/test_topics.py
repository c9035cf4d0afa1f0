"""Grouping across languages, and topics that keep their identity from night to night."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_ml.matters import matter_of, matters
from feedback_ml.topics import GROUPED, Group, GroupItem, group, group_all, match
from feedback_ml.wording import as_name, clauses, fit_for_a_name, readable

OTP = [
    "OTP nahi aa raha",
    "او ٹی پی نہیں آیا",
    "verification code does not arrive",
    "The OTP never reached me",
]


def _items(texts, kind="bug", language="en", start=0):
    return [GroupItem(f"id{start + at:03}", text, kind, language) for at, text in enumerate(texts)]


def test_one_matter_in_three_languages_is_one_group_with_names_in_two():
    (found,) = group(_items(OTP))
    assert found.name_en == "One-time code does not arrive"
    assert found.name_ur == "ون ٹائم کوڈ نہیں آتا"
    assert found.members == ("id000", "id001", "id002", "id003")
    assert "otp" in found.terms


def test_what_nobody_listed_names_itself_by_a_typical_clause():
    texts = [f"the qibla compass points backwards {word}" for word in ("again", "today", "here", "since May")]
    (found,) = group(_items(texts))
    assert found.matter == ""
    assert "qibla" in found.name_en.casefold()
    assert found.name_ur == found.name_en


def test_a_group_of_urdu_texts_names_itself_in_urdu():
    texts = ["قبلہ نما الٹا چلتا ہے", "قبلہ نما غلط سمت دکھاتا ہے", "قبلہ نما خراب ہو گیا"]
    (found,) = group(_items(texts, language="ur"))
    assert "قبلہ" in found.name_ur


def test_a_group_of_both_languages_is_named_in_each():
    urdu = ["قبلہ نما الٹا چلتا ہے", "قبلہ نما خراب ہو گیا"]
    roman = ["qibla numa ulta chalta hai", "qibla numa kharab ho gaya"]
    items = [*_items(urdu, language="ur"), *_items(roman, language="ur-Latn", start=5)]
    found = max(group(items), key=lambda one: len(one.members))
    assert "qibla" in found.name_en.casefold() or "قبلہ" in found.name_en
    assert "قبلہ" in found.name_ur


def test_texts_like_no_other_stay_ungrouped():
    found = group(_items([*OTP, "a purple elephant sang over the mountain"]))
    assert "id004" not in {member for one in found for member in one.members}


def test_a_paraphrase_joins_the_group_it_is_near_to():
    texts = [f"the qibla compass needle points backwards {n}" for n in ("a", "b", "c", "d")]
    found = group(_items([*texts, "compass needle backwards"]))
    assert any("id004" in one.members for one in found)


def test_groups_smaller_than_asked_are_dropped():
    assert group(_items(OTP), smallest=5) == []


@pytest.mark.parametrize("kind", ["praise", "other"])
def test_praise_and_other_are_never_grouped(kind):
    assert group(_items(OTP, kind)) == []


def test_texts_without_words_make_no_group():
    assert group(_items(["!!!", "...", "123"])) == []


def test_slowness_is_one_topic_of_performance_whatever_type_its_texts_got():
    (found,) = group(
        [*_items(["battery drains fast"] * 2), *_items(["my battery is empty by noon"], "usability", start=9)]
    )
    assert found.type == "performance"
    assert len(found.members) == 3


def test_quotes_come_from_different_people_and_differ():
    items = [GroupItem(f"id{at}", text, "bug", "en", person) for at, (text, person) in enumerate(
        [(OTP[0], "p1"), (OTP[0], "p2"), (OTP[2], "p1"), (OTP[3], "p3"), (OTP[1], "p4")])]  # fmt: skip
    (found,) = group(items)
    by_id = {item.feedback_id: item for item in items}
    assert len(found.quotes) == 3
    assert len({by_id[quote].person for quote in found.quotes}) == 3
    assert len({by_id[quote].text for quote in found.quotes}) == 3


def test_the_order_of_the_input_changes_nothing():
    items = [*_items(OTP), *_items([f"qibla compass stuck {n}" for n in "abcd"], start=50)]
    assert group(items) == group(items[::-1])


WORDS = st.lists(
    st.sampled_from(
        ["otp", "nahi", "aata", "video", "does", "not", "load", "qibla", "compass", "slow", "ad", "please"]
    ),
    max_size=6,
)


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS.map(" ".join), st.sampled_from([*GROUPED, "praise"])), max_size=15))
def test_a_text_is_in_at_most_one_group_and_quotes_are_members(rows):
    found = group([GroupItem(f"{at:03}", text, kind, "en") for at, (text, kind) in enumerate(rows)])
    members = [member for one in found for member in one.members]
    assert len(members) == len(set(members))
    assert all(set(one.quotes) <= set(one.members) and one.name_en and one.name_ur for one in found)


def test_two_matters_of_one_area_are_two_groups_in_three_scripts():
    slip = [
        "payment slip is not generated",
        "PSID nahi ban raha",
        "پی ایس آئی ڈی نہیں بن رہی",
        "challan slip is not generated",
    ]
    found = group([*_items(OTP), *_items(slip, start=10)])
    assert len(found) == 2
    assert all(len({member[:4] for member in one.members}) == 1 for one in found)
    assert all(len(one.members) >= 3 for one in found)


def test_texts_said_again_and_again_do_not_tear_a_topic_apart():
    assert len(group(_items(OTP * 10))) == 1


def test_a_group_shows_an_area_of_its_texts():
    items = [
        GroupItem(f"{area}{n}", f"the {page} page is empty {n}", "bug", "en", area=area)
        for area, page in (("payments", "fee"), ("licences", "learner"))
        for n in ("today", "again", "since monday", "on my phone", "at night", "now")
    ]
    found = group(items)
    assert found
    assert all(one.area in {"licences", "payments"} for one in found)


def test_every_text_has_a_group_when_all_are_grouped():
    items = [*_items(OTP), *_items(["thank you all", "!!!", ""], "praise", start=20)]
    found = group_all(items)
    assert sorted(member for one in found for member in one.members) == [item.feedback_id for item in items]
    assert all(one.name_en and one.name_ur for one in found)
    assert group_all([]) == []


def test_a_group_without_an_urdu_text_is_named_by_the_lexicons_urdu_words():
    texts = [f"camera scanner shows zebra lines {word}" for word in ("again", "today", "here", "since May")]
    (found,) = group(_items(texts))
    assert "کیمر" in found.name_ur


def test_what_so_many_wrote_of_that_it_fell_apart_is_one_group():
    said = ["video will not play", "videos do not play at all", "cannot play any video", "video never plays"]
    items = _items([f"{said[n % 4]} {word}" for n, word in enumerate(["now", "today", "please", "sir"] * 60)])
    assert len(group(items)) == 1


def _group(*members):
    return Group("bug", members, "x", "x", (), ())


def test_a_topic_keeps_its_identity_by_the_largest_overlap():
    previous = {"t1": frozenset("abcd"), "t2": frozenset("xyz")}
    assert match(previous, [_group("x", "y", "q"), _group("a", "b", "c", "n")]) == {0: "t2", 1: "t1"}


def test_a_topic_that_splits_goes_to_its_larger_half_alone():
    assert match({"t": frozenset("abcde")}, [_group("a", "b"), _group("c", "d", "e")]) == {1: "t"}


def test_a_chance_overlap_is_no_identity():
    previous = {"t": frozenset(f"o{n}" for n in range(20)) | {"a"}}
    assert match(previous, [_group("a", *(f"n{n}" for n in range(20)))]) == {}


IDS = st.frozensets(st.sampled_from("abcdefgh"), min_size=1)


@given(st.dictionaries(st.sampled_from(["t1", "t2", "t3"]), IDS), st.lists(IDS, max_size=4))
def test_matching_is_one_to_one(previous, members):
    found = match(previous, [_group(*sorted(ids)) for ids in members])
    assert len(set(found.values())) == len(found)
    assert all(previous[topic] & members[at] for at, topic in found.items())


def test_every_matter_has_names_needs_and_known_types():
    known = {matter for found in matters().values() for matter in found}
    assert len({matter.matter_id for matter in known}) == len(known) >= 80
    for matter in known:
        assert matter.name_en
        assert matter.name_ur
        assert matter.types <= set(GROUPED)
        assert matter.home in {"", *GROUPED}


def test_every_concept_a_matter_needs_is_in_the_lexicon():
    from feedback_ml.concepts import spellings

    known = {concept for found in spellings().values() for _, concept in found}
    needed = {
        name for found in matters().values() for matter in found for names in matter.needs for name in names
    }
    assert needed <= known


def test_the_more_exact_matter_wins():
    said = [clause.terms for clause in clauses("it crashes since the update. crashes")]
    assert matter_of(said, "bug").matter_id == "crash_update"


def test_a_matter_must_be_met_within_one_clause():
    said = [clause.terms for clause in clauses("I got the code. My refund did not arrive")]
    found = matter_of(said, "bug")
    assert found is None or found.matter_id != "otp_missing"


def test_a_name_is_written_with_a_capital_and_single_spaces():
    assert as_name("  videos   do not load -") == "Videos do not load"
    assert readable(("=video", "qibla")) == "Video, qibla"


def test_a_single_word_is_no_name():
    (clause,) = clauses("crash")
    assert not fit_for_a_name(clause)
