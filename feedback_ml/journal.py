"""How far an import came, so that one that was cut short goes on from there and counts right.

What is delivered twice is `unchanged` in any case: a journal that is lost, or a batch behind, costs time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feedback_ml.sources.rows import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from feedback_ml.importing import Summary

COUNTS = ("added", "unchanged", "replaced")
_CHUNK = 1024 * 1024


@dataclass(slots=True)
class Journal:
    """`key` names suite, app and the files' content: another import never goes on from this one."""

    path: Path
    key: str
    delivered: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, int, str]] = field(default_factory=list)
    _read_before: int = 0

    @classmethod
    def of(cls, place: Path, url: str, app: str | None, files: Iterable[Path]) -> Journal:
        """Read the journal of an import, or begin one. `place` is its file, or a folder of journals."""
        key = _key(url, app, files)
        path = place if place.suffix else place / f"{key[:16]}.json"
        journal = cls(path, key)
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["key"] == key:
                journal.delivered = int(said["delivered"])
                journal.counts = {name: int(said[name]) for name in COUNTS}
                journal.refused = [(str(f), int(line), str(why)) for f, line, why in said["refused"]]
        except (OSError, ValueError, KeyError, TypeError):
            # None there yet, or none that can be read: from the beginning, which is never wrong.
            return cls(path, key)
        return journal

    def take_up(self, summary: Summary) -> int:
        """Count what was delivered before into the summary; how many records that is."""
        for name in COUNTS:
            setattr(summary, name, self.counts.get(name, 0))
        self._read_before = len(summary.refusals)
        for row in self.refused:
            summary.refuse(Refused(*row))
        summary.resumed = self.delivered
        return self.delivered

    def note(self, delivered: int, summary: Summary) -> None:
        """Write down that so many records are in; a folder that cannot be written to is no reason to stop."""
        self.delivered = delivered
        refused = [(row.file, row.line, row.reason) for row in summary.refusals[self._read_before :]]
        said: dict[str, Any] = {"key": self.key, "delivered": delivered, "refused": refused}
        said |= {name: getattr(summary, name) for name in COUNTS}
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.draft")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            draft.replace(self.path)

    def done(self) -> None:
        """The import came to its end: nothing is left to go on with."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def _key(url: str, app: str | None, files: Iterable[Path]) -> str:
    whole = hashlib.sha256(json.dumps([url, app]).encode())
    for path in files:
        digest = hashlib.sha256()
        with path.open("rb") as content:
            while chunk := content.read(_CHUNK):
                digest.update(chunk)
        whole.update(f"\n{path.name} {digest.hexdigest()}".encode("utf-8", "replace"))
    return whole.hexdigest()
