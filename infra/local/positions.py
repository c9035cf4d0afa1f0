"""How far each stream has been handled, on disk: a restart repeats rather than skips."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING

from infra.local.home import write_privately

if TYPE_CHECKING:
    from pathlib import Path


class Positions:
    """Sequence numbers of the last record done with, by consumer and shard; safe from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._kept = _read(path)

    def get(self, key: str) -> str:
        with self._lock:
            return self._kept.get(key, "")

    def keep(self, key: str, sequence_number: str) -> None:
        """Call when the record has been handled; it is on disk when this returns."""
        with self._lock:
            self._kept[key] = sequence_number
            write_privately(self._path, json.dumps(self._kept, indent=1))

    def forget(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)


def _read(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
