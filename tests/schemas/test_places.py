from schemas.catalogue.places import headquarters
from schemas.catalogue.reading import districts


def test_every_district_has_its_headquarters():
    assert set(headquarters()) == set(districts())


def test_no_two_lie_in_one_place_and_none_outside_the_province():
    points = {(each.lat, each.long) for each in headquarters().values()}

    assert len(points) == len(districts())
    assert all(27.5 < lat < 34.1 and 69.2 < long < 75.5 for lat, long in points)
