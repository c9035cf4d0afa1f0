"""How often something may be done, and when it is worth coming again.

What is counted for an address is counted in one atomic step, for behind one address of a mobile network there
may be a town. What is counted for a document or a telephone is looked at over a span that moves.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain.errors import TooManyRequests
from functions.storage import codes
from functions.storage.codes import Window
from functions.storage.keyring import keyring

HOUR_SECONDS = 3_600
DAY_SECONDS = 24 * HOUR_SECONDS
IPV6_NETWORK_BITS = 64
"""A household or a mobile has a whole /64, and may use any address in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """At most so many in any span of so many seconds."""

    most: int
    seconds: int


def seconds_to_wait(times: Sequence[int], rules: Sequence[Rule], now: int) -> int:
    """Seconds until one more is within every rule; 0 when it is now. `times` are sorted."""
    return max((_wait(times, rule, now) for rule in rules), default=0)


def _wait(times: Sequence[int], rule: Rule, now: int) -> int:
    within = [time for time in times if time > now - rule.seconds]
    if len(within) < rule.most:
        return 0
    # Then so many of them are over that there is room for one.
    return within[-rule.most] + rule.seconds - now


def with_one_more(window: Window, rules: Sequence[Rule], now: int) -> Window:
    """The window with this instant, and without those that no rule looks at any more."""
    longest = max(rule.seconds for rule in rules)
    kept = [time for time in window.times if time > now - longest]
    # Clocks of two servers differ a little: the order is by time, whoever wrote first.
    return replace(window, times=tuple(sorted([*kept, now])), expires=now + longest)


def admit(what: str, address: str, most: int, now: datetime) -> None:
    """Counts one request of an address in this hour of the clock; TooManyRequests when there were `most`."""
    seconds = now.timestamp()
    hour = int(seconds // HOUR_SECONDS)
    ends = (hour + 1) * HOUR_SECONDS
    row = row_of(f"hour of {what}", network_of(address), str(hour))
    if not codes.count(row, most, ends + HOUR_SECONDS):
        raise TooManyRequests(max(1, math.ceil(ends - seconds)))


def row_of(kind: str, *parts: str) -> str:
    """The name of a row about these: keyed, so that nobody without the ring can try what they were."""
    return f"{kind.replace(' ', '-')}#{keyring().digest(f'codes {kind}', *parts)}"


def network_of(address: str) -> str:
    """What counts as one asker: an IPv4 address, the /64 of an IPv6 one; text that is neither, as it is."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((int(read), IPV6_NETWORK_BITS), strict=False))
