"""What a store's API gives: pages of reviews, or the name of what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feedback_ml.sources.rows import Accepted, Refused


class StoreError(Exception):
    """A store did not give its reviews. `kind` names it for machines; it quotes neither key nor answer."""

    kind = "store_failed"


class KeyRefusedError(StoreError):
    """The store does not accept the key, also after a new token: 401 or 403, or no token for it."""

    kind = "key_refused"


class KeyUnfitError(StoreError):
    """The key that was set up cannot be read: nothing was asked."""

    kind = "key_unfit"


class AppUnknownError(StoreError):
    kind = "app_unknown"


class StoreBusyError(StoreError):
    """429 or 5xx, as often as it was asked."""

    kind = "store_busy"


class StoreUnreachableError(StoreError):
    kind = "store_unreachable"


class AnswerBrokenError(StoreError):
    """Not JSON, cut short, too large, or of another shape, as often as it was asked."""

    kind = "answer_broken"


class SentElsewhereError(StoreError):
    """The store sent us to another host, or to another address at all; nobody follows."""

    kind = "sent_elsewhere"


class PositionRefusedError(StoreError):
    """The store does not know the position any more: begin at the first page."""

    kind = "position_refused"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its rows in the store's order, and the position of the next page, "" at the end.

    `newest` and `oldest` are the latest changes among the rows that were read; None on an empty page.
    """

    rows: tuple[Accepted | Refused, ...]
    following: str
    newest: datetime | None = None
    oldest: datetime | None = None


class ReviewStore(Protocol):
    """One app in one store.

    `newest_first`: whether a page holds nothing newer than the one before, so that reading can stop at the
    cursor. `days_kept`: how far back the store's API reaches; None for all there is.
    """

    @property
    def name(self) -> str: ...

    @property
    def app(self) -> str: ...

    @property
    def newest_first(self) -> bool: ...

    @property
    def days_kept(self) -> int | None: ...

    def page(self, position: str) -> Page:
        """Read one page, "" for the first. StoreError, by its kind, when it is not had."""


def page_of(rows: list[Accepted | Refused], following: str) -> Page:
    changed = [
        row.feedback.revised_at or row.feedback.written_at for row in rows if isinstance(row, Accepted)
    ]
    return Page(tuple(rows), following, max(changed, default=None), min(changed, default=None))
