"""Lists of the board: which topics are wanted, in which order, and from where on. Pure.

Figures of few people are withheld, so a topic without them is last in every order but the rank's: its place
among the others would tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache

from feedback_ml.text import normalise
from functions.domain.board import Board, Entry

PARTS = ("people", "severity", "trend", "rating", "reach", "recency", "equity", "effort")
SORTS = ("rank", "score", *PARTS)
WITHHELD = float("inf")
VERSIONS_OFFERED = 40


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for; "" and 0 are what was not asked. `weeks` back from the newest text of all."""

    words: str = ""
    type: str = ""
    area: str = ""
    language: str = ""
    version: str = ""
    district: str = ""
    weeks: int = 0
    trend: str = ""
    status: str = ""
    sort: str = "rank"


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of the topics that match, how many that are in all, and the position to go on from."""

    entries: tuple[Entry, ...]
    matching: int
    position: str | None


def listed(board: Board, wanted: Wanted, after: str | None, limit: int) -> Listed:
    found = matching(board, wanted)
    key = _order(wanted.sort)
    found.sort(key=key)
    begin = 0
    if after is not None:
        begun = _read_position(after)
        begin = sum(1 for each in found if key(each) <= begun)
    page = found[begin : begin + limit]
    more = begin + limit < len(found)
    return Listed(tuple(page), len(found), _position(key(page[-1])) if more and page else None)


def matching(board: Board, wanted: Wanted) -> list[Entry]:
    """All that fit, best rank first."""
    words = normalise(wanted.words).split()
    since = _since(board, wanted.weeks)
    return [each for each in board.entries if _fits(each, wanted, words, since)]


def akin(board: Board, to: Entry, words: str, limit: int) -> list[Entry]:
    """Topics that another may be the same as: with the words asked for, or most words in common."""
    others = [each for each in board.entries if each.topic_id != to.topic_id]
    if words.strip():
        asked = normalise(words).split()
        return [each for each in others if all(word in _searched(each) for word in asked)][:limit]
    own = _words(to)
    alike = [(_likeness(each, to, own), each) for each in others]
    return [each for likeness, each in sorted(alike, key=lambda pair: -pair[0]) if likeness > 0][:limit]


def versions(board: Board) -> tuple[str, ...]:
    """Versions written about, the highest first."""
    known = {each.version for entry in board.entries for each in entry.facts.versions}
    return tuple(sorted(known, key=_version_key, reverse=True))[:VERSIONS_OFFERED]


def districts(board: Board) -> tuple[str, ...]:
    return tuple(sorted({district for entry in board.entries for district in entry.facts.districts}))


def by_status(board: Board) -> Mapping[str, Sequence[Entry]]:
    """Status -> its topics, best rank first."""
    found: dict[str, list[Entry]] = {}
    for each in board.entries:
        found.setdefault(each.status, []).append(each)
    return found


def _fits(each: Entry, wanted: Wanted, words: Iterable[str], since: str) -> bool:
    told = each.facts
    return (
        (not wanted.type or each.type == wanted.type)
        and (not wanted.area or each.area == wanted.area)
        and (not wanted.status or each.status == wanted.status)
        and (not wanted.trend or each.trend == wanted.trend)
        and (not wanted.language or wanted.language in each.languages)
        and (not wanted.version or any(known.version == wanted.version for known in told.versions))
        and (not wanted.district or wanted.district in told.districts)
        and told.newest >= since
        and all(word in _searched(each) for word in words)
    )


def _since(board: Board, weeks: int) -> str:
    if not weeks or board.as_of is None:
        return ""
    begin = board.as_of - timedelta(weeks=weeks)
    return begin.astimezone(UTC).isoformat(timespec="seconds")


# --- order

Key = tuple[float, int, str]


def _order(sort: str) -> Callable[[Entry], Key]:
    def key(each: Entry) -> Key:
        value = _figure(each, sort)
        return (WITHHELD if value is None else -value, each.rank, each.topic_id)

    return key


def _figure(each: Entry, sort: str) -> float | None:
    """What is sorted by, high first: of the columns the figure itself, of the other parts their points."""
    if sort == "rank":
        return 0.0
    if sort == "score":
        return each.score
    if sort in ("people", "severity"):
        return each.people if sort == "people" else each.severity
    return (each.parts or {}).get(sort)


def _position(key: Key) -> str:
    return f"{key[0]!r}|{key[1]}|{key[2]}"


def _read_position(text: str) -> Key:
    value, rank, topic_id = text.split("|")
    return float(value), int(rank), topic_id


# --- words


@lru_cache(maxsize=20_000)
def _plain(name: str) -> str:
    return normalise(name)


def _searched(each: Entry) -> str:
    return " | ".join(_plain(name) for name in each.names)


def _words(each: Entry) -> frozenset[str]:
    return frozenset(word for name in each.names for word in _plain(name).split() if len(word) > 2)


def _likeness(each: Entry, to: Entry, own: frozenset[str]) -> float:
    common = len(own & _words(each))
    return common + 0.5 * (each.type == to.type and each.area == to.area and each.area != "none")


def _version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """2.10 after 2.9, and words after numbers of the same place."""
    steps = version.replace("-", ".").split(".")
    return tuple((0, int(s), "") if s.isascii() and s.isdigit() else (1, 0, s) for s in steps)
