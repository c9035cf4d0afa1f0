"""The product owners' weekly letter: what the week brought, written down once a week for each of them.

It goes by the outbox as every message does, under a key of week and recipient: run twice, or after a crash,
it writes to nobody twice. How places changed is told from the letter of the week before, whose row says how
the topics stood.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain import disclosure, labels, topics
from functions.domain.deadlines import KARACHI
from functions.domain.subscribers import subscribers
from functions.storage import danger, messages, models, queues
from functions.storage.messages import MessageRow
from functions.storage.tables import StoreFailureError
from functions.storage.topics import Topic
from schemas.digests import Digest, DigestApp, DigestTopic
from schemas.topics import TopicRow

EVENT = "digest"
TOP, LISTED = 5, 10
PAGE, LOOKED_AT = 200, 1_000
RANKS_KEPT = 100
"""Topics whose rank the next letter can compare with: a row of the outbox holds no thousand."""
WEEKS_BACK = 4
CALLS_COUNTED = 100
WEEK = timedelta(days=7)
MOVING = frozenset({"new", "escalating", "regressed"})
DONE = frozenset({"shipped", "measured", "regressed"})
log = logging.getLogger("khidmat")


@dataclass(frozen=True, slots=True)
class Written:
    """How many are on the list, and to how many of them this run wrote."""

    recipients: int
    written: int


def write(now: datetime, *, own_app: str, base_url: str) -> Written:
    """Writes this week's letter to everybody on the list who has none yet, and asks for it to be sent."""
    week = week_of(now)
    recipients = [each.recipient for each in subscribers()]
    left = [each for each in recipients if messages.get(_key(week, each)) is None]
    if not left:
        return Written(len(recipients), 0)
    digest, ranks = compose(now, own_app=own_app, base_url=base_url)
    written = [row.message for each in left if messages.add(row := _row(each, digest, ranks, now))]
    _hand_over(written)
    return Written(len(recipients), len(written))


def _hand_over(written: Sequence[str]) -> None:
    """Puts them on their queue; the schedule finds what is not taken there."""
    for message in written:
        try:
            queues.ask_to_send_message(message)
        except StoreFailureError:
            log.warning("weekly letters wait for the schedule")
            return


def week_of(now: datetime) -> str:
    """The ISO week of the day in Pakistan; its year is the week's, which is not always the calendar's."""
    year, week, _ = now.astimezone(KARACHI).isocalendar()
    return f"{year}-W{week:02}"


def compose(now: datetime, *, own_app: str, base_url: str) -> tuple[Digest, dict[str, int]]:
    """The letter without what changed since the last, and how the topics stand now."""
    alarms = {each.app: each.alarms for each in models.drifts()}
    apps: list[DigestApp] = []
    ranks: dict[str, int] = {}
    for each in topics.apps(own_app):
        rows = list(_ranked(each.app))
        ranks |= {row.row.topic_id: row.row.rank for row in rows[:RANKS_KEPT]}
        apps.append(_of_app(each.app, rows, now, alarms.get(each.app, ())))
    waiting, more = danger.of_state("open", after=None, limit=CALLS_COUNTED)
    digest = Digest(
        week=week_of(now),
        board=f"{base_url}/board",
        apps=tuple(apps),
        calls_wait=bool(waiting),
        calls=None if more else disclosure.at_least_ten(len(waiting)),
    )
    return digest, ranks


def read(words: Sequence[tuple[str, str]]) -> Digest:
    """The letter out of a row's words."""
    return Digest.model_validate_json(dict(words)[EVENT])


def _ranked(app: str) -> Iterator[Topic[TopicRow]]:
    """The first of an app's topics as they may be shown."""
    after, seen = None, 0
    while seen < LOOKED_AT:
        rows, after = topics.ranked(app, after, PAGE)
        yield from rows
        seen += len(rows)
        if after is None:
            return


def _of_app(app: str, rows: Sequence[Topic[TopicRow]], now: datetime, alarms: tuple[str, ...]) -> DigestApp:
    waiting = labels.waiting(app)
    moving = [each for each in rows if each.row.trend in MOVING or each.row.status == "regressed"]
    done = [each for each in rows if _was_done(each, now - WEEK)]
    return DigestApp(
        app=app,
        topics=len(rows),
        top=tuple(map(_topic, rows[:TOP])),
        moving=tuple(map(_topic, moving[:LISTED])),
        done=tuple(map(_topic, done[:LISTED])),
        waiting=waiting.count,
        more_waiting=waiting.is_more,
        drift=alarms,
    )


def _was_done(topic: Topic[TopicRow], since: datetime) -> bool:
    return topic.row.status in DONE and any(
        each.status in DONE and each.at >= since for each in topic.decisions
    )


def _topic(topic: Topic[TopicRow]) -> DigestTopic:
    row = topic.row
    return DigestTopic(
        topic_id=row.topic_id,
        name=row.name,
        rank=row.rank,
        people=row.people,
        trend=row.trend,
        status=row.status,
        verdict=row.verdict,
    )


def _row(recipient: str, digest: Digest, ranks: dict[str, int], now: datetime) -> MessageRow:
    own = digest.model_copy(update={"before": _ranks_before(recipient, now)})
    return MessageRow(
        message=_key(digest.week, recipient),
        recipient=recipient,
        reference=digest.week,
        event=EVENT,
        sequence=0,
        manner="open",
        state="waiting",
        at=now,
        next_at=now,
        words=((EVENT, own.model_dump_json()), ("ranks", json.dumps(ranks))),
    )


def _ranks_before(recipient: str, now: datetime) -> dict[str, int] | None:
    """How the topics stood in the last letter to the same recipient, of the last four weeks."""
    for back in range(1, WEEKS_BACK + 1):
        row = messages.get(_key(week_of(now - back * WEEK), recipient))
        if row is not None:
            ranks: dict[str, int] = json.loads(dict(row.words)["ranks"])
            return ranks
    return None


def _key(week: str, recipient: str) -> str:
    return messages.key_of(f"{EVENT}-{week}", 0, recipient)
