"""One-time codes: the challenges that wait for one, and what the limits have counted. All of it expires.

A row is named by a keyed digest of what it is about; no number, telephone or address is in it. Rows whose
time is over may stay readable for days, so every reader looks at the time itself.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from functions.storage.tables import StaleError, Table, TableMeta, named_failures

TABLE = "codes"


class ChallengeItem(Table):
    noun = TABLE

    class Meta(TableMeta):
        pass

    row = UnicodeAttribute(hash_key=True)
    nonce = UnicodeAttribute()
    code = UnicodeAttribute()
    tries = NumberAttribute()
    used = UnicodeAttribute(null=True)
    expires = NumberAttribute()


class WindowItem(Table):
    """When something was done lately: the instants that a limit over a moving span looks at."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    row = UnicodeAttribute(hash_key=True)
    times = UnicodeAttribute()
    expires = NumberAttribute()
    write_id = UnicodeAttribute()


class CounterItem(Table):
    """How often something was done in one hour of the clock."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    row = UnicodeAttribute(hash_key=True)
    counted = NumberAttribute()
    expires = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Challenge:
    """`code` is the keyed digest of the code with all that it is bound to. `expires` in Unix seconds."""

    row: str
    nonce: str
    code: str
    expires: int


@dataclass(frozen=True, slots=True)
class Window:
    """`times` in Unix seconds, oldest first."""

    row: str
    times: tuple[int, ...] = ()
    expires: int = 0
    write_id: str = ""


def count(row: str, most: int, expires: int) -> bool:
    """One more in the row; False, and nothing counted, when there were `most` before.

    One atomic update: however many ask at once, so many are let through and no more.
    """
    try:
        with named_failures():
            CounterItem(row).update(
                actions=[CounterItem.counted.add(1), CounterItem.expires.set(expires)],
                condition=CounterItem.row.does_not_exist() | (CounterItem.counted < most),
            )
    except StaleError:
        return False
    return True


def windows(rows: Sequence[str]) -> list[Window]:
    """The windows in the order asked for, empty where there is none yet. One round trip."""
    with named_failures():
        found = {item.row: item for item in WindowItem.batch_get(list(rows), consistent_read=True)}
    return [_window(row, found.get(row)) for row in rows]


def write(challenge: Challenge, changed: Iterable[Window]) -> None:
    """The challenge in the place of the one before it, and what it counts for, at once or not at all.

    StaleError when one of the windows is no longer as it was read: somebody else was counted meanwhile.
    """
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(
            ChallengeItem(
                challenge.row,
                nonce=challenge.nonce,
                code=challenge.code,
                tries=0,
                expires=challenge.expires,
            )
        )
        for window in changed:
            unchanged = (
                WindowItem.write_id == window.write_id if window.write_id else WindowItem.row.does_not_exist()
            )
            transaction.save(_item(replace(window, write_id=secrets.token_hex(6))), condition=unchanged)


def count_try(row: str, nonce: str, most: int, now: int) -> Challenge | None:
    """The challenge, one more try counted; None when it is another, used, late, or tried `most` times."""
    item = ChallengeItem(row)
    live = (
        (ChallengeItem.nonce == nonce)
        & (ChallengeItem.tries < most)
        & ChallengeItem.used.does_not_exist()
        & (ChallengeItem.expires > now)
    )
    try:
        with named_failures():
            item.update(actions=[ChallengeItem.tries.add(1)], condition=live)
    except StaleError:
        return None
    return Challenge(item.row, item.nonce, item.code, int(item.expires))


def use(row: str, nonce: str, use_id: str) -> bool:
    """Marks the challenge used; True for exactly one `use_id`, also when the store's answer was lost."""
    fresh = ChallengeItem.used.does_not_exist() | (ChallengeItem.used == use_id)
    try:
        with named_failures():
            ChallengeItem(row).update(
                actions=[ChallengeItem.used.set(use_id)], condition=(ChallengeItem.nonce == nonce) & fresh
            )
    except StaleError:
        return False
    return True


def forget(rows: Iterable[str]) -> None:
    """Takes live challenges away: no code that was sent for them opens anything."""
    for row in rows:
        with named_failures():
            ChallengeItem(row).delete()


def _window(row: str, item: WindowItem | None) -> Window:
    if item is None:
        return Window(row)
    return Window(row, tuple(json.loads(item.times)), int(item.expires), item.write_id)


def _item(window: Window) -> WindowItem:
    return WindowItem(
        window.row,
        times=json.dumps(window.times, separators=(",", ":")),
        expires=window.expires,
        write_id=window.write_id,
    )


def _connection() -> Any:
    return ChallengeItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it
