"""What a simulated year rests on, read from simulated_year.json, and the draws that are made from it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from functions.domain.deadlines import KARACHI
from schemas.catalogue.reading import ladder, offices, policy_in_force

FIGURES = Path(__file__).parents[1] / "simulated_year.json"
WORDS = {
    "A": "Somebody is held at the station since yesterday, and no paper says why.",
    "B": "The station refused to write the report and sent us from desk to desk.",
    "C": "For weeks nobody who handles the matter has answered a call or a letter.",
    "S": "The matter has been out of order for days, and nobody at the counter knows when it will be mended.",
}
"""Invented; what is written has no bearing on what happens."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A complaint that will be lodged."""

    number: int
    at: datetime
    citizen: int
    body: dict[str, str]


@cache
def figures() -> dict[str, Any]:
    return dict(json.loads(FIGURES.read_text(encoding="utf-8")))


def volume(scale: float, days: int = 365) -> int:
    a_year: int = figures()["volume"]["cases_a_year"]
    return max(1, round(a_year * scale * days / 365))


def arrivals(year: int, scale: float, rng: Random, days: int = 365) -> list[Arrival]:
    """Every complaint of the year in order: the yearly volume to scale, by region, hour and weekday."""
    count = volume(scale, days)
    instants = sorted(_instant(year, days, rng) for _ in range(count))
    people = citizens(count)
    return [
        Arrival(number, at, rng.randrange(people), _body(number, at, rng))
        for number, at in enumerate(instants)
    ]


def citizens(cases: int) -> int:
    each: float = figures()["citizens"]["cases_each"]
    return max(2, round(cases / each))


def _instant(year: int, days: int, rng: Random) -> datetime:
    lodging = figures()["lodging"]
    begin = datetime(year, 1, 1, tzinfo=KARACHI)
    while True:
        day = begin + timedelta(days=rng.randrange(days))
        if rng.random() * max(lodging["weekdays"]) <= lodging["weekdays"][day.weekday()]:
            break
    hour = rng.choices(range(24), lodging["hours"])[0]
    return (day + timedelta(hours=hour, seconds=rng.randrange(3600))).astimezone(UTC)


def _body(number: int, at: datetime, rng: Random) -> dict[str, str]:
    policy = policy_in_force(at)
    shares = {n: s for n, s in figures()["categories"]["shares"].items() if n in policy.categories}
    category = chosen(shares, rng)
    complaint_class = policy.categories[category].complaint_class
    place = _place(rng)
    named = place.get("station")
    lodging = figures()["lodging"]
    if named and complaint_class != "S" and rng.random() < lodging["about_the_station"]:
        place["about_office"] = named
    return {
        "category": category,
        "narrative": WORDS[complaint_class],
        "complainant_name": "Sample Person",
        "phone": f"0300 {number % 10_000_000:07d}",
        **place,
    }


def _place(rng: Random) -> dict[str, str]:
    region = chosen(figures()["regions"]["cases"], rng)
    below = [row.id for row in offices().values() if row.rank == "district" and row.parent == region]
    district = rng.choice(below)
    stations = [i for i, row in offices().items() if row.rank == "station" and district in ladder(i)]
    if stations and rng.random() < figures()["lodging"]["station_named"]:
        return {"station": rng.choice(stations)}
    return {"district": district}


def chosen(shares: dict[str, float], rng: Random) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]


def lognormal(median_and_spread: tuple[float, float], rng: Random) -> float:
    median, spread = median_and_spread
    return rng.lognormvariate(math.log(median), spread)
