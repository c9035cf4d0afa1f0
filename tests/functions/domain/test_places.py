import pytest

from functions.domain import places


@pytest.mark.parametrize("office", ["ps-lhr-mozang", "ds-kasur"])
def test_a_station_or_a_district_is_a_place(office):
    assert places.of_id(office) == office


@pytest.mark.parametrize("office", ["sd-lhr-civil-lines", "rg-lahore", "pb", "ps-nowhere"])
def test_no_other_office_is(office):
    assert places.of_id(office) is None


@pytest.mark.parametrize(
    ("point", "district"),
    [((31.5, 74.3), "ds-lahore"), ((33.7, 73.1), "ds-rawalpindi"), ((28.0, 70.1), "ds-rahim-yar-khan")],
)
def test_a_point_belongs_to_the_nearest_headquarters(point, district):
    assert places.of_point(*point) == district


@pytest.mark.parametrize("point", [(24.86, 67.01), (0, 0), (-31.5, -105.7), (90, 180)])
def test_a_point_far_from_all_belongs_to_none(point):
    assert places.of_point(*point) is None


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("Lahore", "ds-lahore"),
        ("near the bus stand, KASUR", "ds-kasur"),
        ("Dera Ghazi Khan", "ds-dera-ghazi-khan"),
        ("ضلع فیصل آباد", "ds-faisalabad"),
        ("Mozang, Lahore", "ps-lhr-mozang"),
        ("مزنگ، لاہور", "ps-lhr-mozang"),
        ("Cantt Police Station", "ps-rwp-cantt"),
        ("تھانہ کینٹ", "ps-rwp-cantt"),
        # The station of that name lies in another district.
        ("Cantt, Lahore", "ds-lahore"),
        ("between Mozang and Model Town, Lahore", "ds-lahore"),
    ],
)
def test_words_name_a_place(text, office):
    assert places.of_words(text) == office


@pytest.mark.parametrize("text", ["", "the road", "Cantt", "Lahore Road, Sheikhupura", "Gujratwala"])
def test_words_that_name_none_or_several_are_no_place(text):
    assert places.of_words(text) is None


def test_a_name_without_its_rank_is_the_place_itself():
    assert places._without(("lahore",), [("district",)]) == ("lahore",)
