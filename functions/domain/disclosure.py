"""What of a topic may be shown: no figure worked out from fewer than FEWEST_PEOPLE people. Pure."""

from __future__ import annotations

from typing import Any

from schemas.topics import COUNTED, FEWEST_PEOPLE, RankedTopic, TopicBasis, TopicRow

# The score goes with its parts: whoever reads the quotes knows ratings, versions and days, can work out every
# part but that for people, and so how many they are. The trend is a test upon the counts of single weeks.
WITHHELD: dict[str, Any] = {
    "score": None,
    "parts": {},
    "people": None,
    "texts": None,
    "weeks": (),
    "severity": None,
    "languages": (),
    "versions": (),
    "trend": None,
    "place": None,
    "tied": None,
    "low_rank": None,
    "high_rank": None,
    "margin": None,
    "hit_harder": None,
    "verdict": None,
    "measured": None,
    "told": None,
    "still_broken": None,
}


def shown(stored: RankedTopic) -> TopicRow:
    """The only way from a stored topic to one that is shown: whole, or without what few people gave.

    Name, type, rank, words and quotes stay: they are what a product owner works with, and count nobody.
    """
    suppressed = stored.people < FEWEST_PEOPLE
    counted = WITHHELD if suppressed else {name: getattr(stored, name) for name in COUNTED}
    # Of the many who wrote, those who were told or answered may be few.
    counted = counted | {name: at_least_ten(counted[name]) for name in ("told", "still_broken")}
    basis = {name: getattr(stored, name) for name in TopicBasis.model_fields}
    return TopicRow(**basis, **counted, suppressed=suppressed)


def at_least_ten(people: int | None) -> int | None:
    """The count where nobody can be told from it; None, as for a count that is not known, below that."""
    return people if people is not None and people >= FEWEST_PEOPLE else None


def texts_counted(rows: list[TopicRow]) -> tuple[int, int]:
    """Texts of the topics whose figures are shown, and how many topics those are.

    Texts of the others are left out: less the figures beside it, the whole sum would tell theirs.
    """
    counted = [row.texts for row in rows if row.texts is not None]
    return sum(counted), len(counted)
