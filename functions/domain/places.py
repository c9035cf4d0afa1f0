"""Which station or district a place belongs to, given by its id, as a point or in words. Pure."""

from __future__ import annotations

from functools import cache
from math import asin, cos, radians, sin, sqrt

from feedback_ml.features import tokens
from feedback_ml.text import normalise
from schemas.catalogue.entries import Rank
from schemas.catalogue.places import Headquarters, headquarters
from schemas.catalogue.reading import ladder, offices

FARTHEST_KM = 150
"""Assumed: nowhere in the province is farther from every headquarters of a district."""
EARTH_KM = 6_371
RANKS: tuple[Rank, ...] = ("station", "district")
# What an office's name says besides the place.
OF_THE_RANK = {"district": ("district", "ضلع"), "station": ("police station", "تھانہ")}
Words = tuple[str, ...]


def of_id(office: str) -> str | None:
    """The office itself where it is a station or a district."""
    return office if office in offices() and offices()[office].rank in RANKS else None


def of_point(lat: float, long: float) -> str | None:
    """The district whose headquarters are nearest; None where all of them are far away."""
    km, district = min((_km(lat, long, each), each.district) for each in headquarters().values())
    return district if km <= FARTHEST_KM else None


def _km(lat: float, long: float, to: Headquarters) -> float:
    """Along the great circle (haversine)."""
    high, wide = radians(to.lat - lat) / 2, radians(to.long - long) / 2
    chord = sin(high) ** 2 + cos(radians(lat)) * cos(radians(to.lat)) * sin(wide) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def of_words(text: str) -> str | None:
    """The station or district that is named in the text, in English or Urdu; None where none or several are.

    Many towns have a "Civil Lines": the bare name of a station counts beside that of its district alone.
    """
    said = tuple(tokens(normalise(text)))
    districts = {office for office, name, _ in _names("district") if _holds(said, name)}
    if len(districts) > 1:
        return None
    stations = {
        office
        for office, name, whole in _names("station")
        if (_holds(said, name) if districts else _holds(said, whole)) and districts <= set(ladder(office))
    }
    if len(stations) == 1:
        return stations.pop()
    return districts.pop() if districts else None


@cache
def _names(rank: Rank) -> tuple[tuple[str, Words, Words], ...]:
    """(Office, the place in its name, its whole name) of all offices of a rank, in each language."""
    prefixes = [tuple(tokens(normalise(word))) for word in OF_THE_RANK[rank]]
    found = []
    for office in offices().values():
        if office.rank == rank:
            for name in (office.name.en, office.name.ur):
                whole = tuple(tokens(normalise(name)))
                found.append((office.id, _without(whole, prefixes), whole))
    return tuple(found)


def _without(whole: Words, prefixes: list[Words]) -> Words:
    for each in prefixes:
        if whole[: len(each)] == each:
            return whole[len(each) :]
        if whole[-len(each) :] == each:
            return whole[: -len(each)]
    return whole


def _holds(said: Words, name: Words) -> bool:
    return any(said[at : at + len(name)] == name for at in range(len(said) - len(name) + 1))
