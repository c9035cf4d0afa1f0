"""What people merged, split, named or dismissed is kept the next night, and learnt from."""

import pytest

from feedback_ml.constraining import Constraints, Named
from feedback_ml.topics import GroupItem, group, group_all

CODE = ["OTP does not arrive", "OTP nahi aa raha", "the code never came", "او ٹی پی نہیں آیا"]
SLIP = [
    "payment slip is not generated",
    "PSID nahi ban raha",
    "slip number not created",
    "PSID not generated",
]
MAP = ["the map is upside down", "map shows upside down", "naqsha ulta hai", "map ulta hai"]


def _items(**texts):
    return [
        GroupItem(f"{name}{at}", text, "bug", "en")
        for name, each in texts.items()
        for at, text in enumerate(each)
    ]


def _grouped(items, **constraints):
    return [set(one.members) for one in group(items, constraints=Constraints(**constraints))]


def _ids(name, count=4):
    return frozenset(f"{name}{at}" for at in range(count))


ALL = _items(code=CODE, slip=SLIP, map=MAP)


def test_without_constraints_there_are_three():
    assert sorted(map(sorted, _grouped(ALL))) == sorted(map(sorted, map(_ids, ("code", "slip", "map"))))


def test_merged_topics_are_one_with_all_their_texts():
    found = _grouped(ALL, merged=(frozenset({"code0", "code1", "slip0", "slip1"}),))
    assert _ids("code") | _ids("slip") in found
    assert len(found) == 2


def test_one_text_drawn_over_does_not_bring_its_group():
    found = _grouped(ALL, merged=(_ids("code") | {"slip0"},))
    assert _ids("code") | {"slip0"} in found


def test_merged_texts_that_lay_in_no_group_make_one():
    items = _items(odd=["purple elephant", "green tiger", "yellow giraffe"])
    assert _grouped(items, merged=(_ids("odd", 3),)) == [_ids("odd", 3)]


def test_the_parts_of_a_split_stay_apart_and_texts_join_the_nearer_one():
    texts = [f"video will not play on {place}" for place in ("wifi", "wifi at home", "tablet", "my tablet")]
    items = _items(
        video=[*texts, "video not playing, wifi of the office", "video not playing, tablet of my son"]
    )
    assert len(_grouped(items)) == 1
    halves = (frozenset({"video0", "video1"}), frozenset({"video2", "video3"}))
    assert sorted(map(sorted, _grouped(items, apart=(halves,)))) == [
        ["video0", "video1", "video4"],
        ["video2", "video3", "video5"],
    ]


def test_a_split_of_texts_that_are_gone_changes_nothing():
    assert len(_grouped(ALL, apart=((frozenset({"gone"}), _ids("code")),))) == 3


def test_what_is_no_topic_is_not_grouped_and_takes_along_what_is_like_it():
    found = _grouped(ALL, not_topics=(frozenset({"map0", "map1", "map2"}),))
    assert sorted(map(sorted, found)) == sorted(map(sorted, map(_ids, ("code", "slip"))))


def test_a_few_dismissed_texts_leave_the_rest_of_their_topic():
    items = _items(code=[*CODE, *CODE, "OTP kab aaye ga", "OTP OTP spam lottery winner"])
    found = _grouped(items, not_topics=(frozenset({"code9"}),))
    assert found
    assert all("code9" not in members for members in found)
    assert len(found[0]) >= 8


@pytest.mark.parametrize("kept", ["merged", "not_topics"])
def test_constraints_on_unknown_texts_change_nothing(kept):
    assert _grouped(ALL, **{kept: (frozenset({"gone"}),)}) == _grouped(ALL)


def test_a_name_that_people_gave_stays_with_most_of_the_texts():
    named = Named(frozenset({"map0", "map1", "map2", "gone"}), "Map is upside down", "نقشہ الٹا ہے")
    found = {one.name_en: one for one in group(ALL, constraints=Constraints(named=(named,)))}
    assert found["Map is upside down"].name_ur == "نقشہ الٹا ہے"
    assert "One-time code does not arrive" in found


def test_a_name_in_one_language_leaves_the_other():
    (found,) = group(
        _items(code=CODE), constraints=Constraints(named=(Named(_ids("code"), name_en="Codes"),))
    )
    assert (found.name_en, found.name_ur) == ("Codes", "ون ٹائم کوڈ نہیں آتا")


def test_all_texts_are_still_grouped_when_some_are_no_topic():
    found = group_all(ALL, constraints=Constraints(not_topics=(_ids("map"),)))
    assert sum(len(one.members) for one in found) == len(ALL)
