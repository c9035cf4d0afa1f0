"""A line of the audit ledger, as the consumers write it and the verification reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from schemas.cases import Entry
from schemas.common import CursorQuery, Shown


@dataclass(frozen=True, slots=True)
class Line:
    """A copy of one entry: every field its digest covers, the text by its own digest.

    `removed`: the chain was seen to lose the entry, or to be cut back to before it. `unreadable`: the change
    could not be read as a chain, and the digest is that of what was there.
    """

    subject: str
    """`case:` and a reference, or `officer:` and a subject."""
    entry: Entry
    text_digest: str
    removed: bool = False
    unreadable: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return self.subject, self.entry.sequence


class AuditQuery(CursorQuery):
    pass


class AuditEntry(Shown):
    sequence: int
    at: datetime
    actor: str = Field(description="Subject of whoever did it; `clock` for the sweep")
    role: str
    action: str
    facts: dict[str, str]
    digest: str = Field(description="SHA-256 over this entry and the digest before it, base64url")


class AuditPage(Shown):
    reference: str
    whole: bool = Field(description="Whether every entry follows from the one before it")
    first_bad: int | None = Field(description="Sequence of the first entry that does not")
    items: tuple[AuditEntry, ...] = Field(description="Oldest first; no text")
    next: str | None = None
