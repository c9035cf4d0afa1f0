"""The `import` command: read files, drop what was revised, deliver the rest, and sum up."""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from feedback_ml.delivery import Delivery, UnreachableError
from feedback_ml.sources.reading import app_name, latest, rows
from feedback_ml.sources.rows import Accepted, Defaults, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

ALL_IN, SOME_REFUSED, USAGE, NOT_REACHED = 0, 1, 2, 3
ROOT = Path(__file__).parent.parent
TOKEN_VARIABLE, HOME_VARIABLE = "KHIDMAT_TOKEN", "KHIDMAT_HOME"


@dataclass(slots=True)
class Summary:
    """Counts of rows; `older` were revised later in the input, `written` went to a file instead."""

    read: int = 0
    older: int = 0
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    written: int = 0
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        return round(self.read / self.seconds, 1) if self.seconds else 0.0

    @property
    def exit_code(self) -> int:
        return SOME_REFUSED if self.refused else ALL_IN

    def as_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "older": self.older,
            "added": self.added,
            "unchanged": self.unchanged,
            "replaced": self.replaced,
            "written": self.written,
            "refused": self.refused,
            "seconds": round(self.seconds, 2),
            "rows_per_second": self.rows_per_second,
        }

    def as_text(self) -> str:
        counts = [
            ("read", self.read),
            ("revised later", self.older),
            ("added", self.added),
            ("unchanged", self.unchanged),
            ("replaced", self.replaced),
            ("written", self.written),
            ("refused", len(self.refused)),
        ]
        told = ", ".join(
            f"{count:,} {name}" for name, count in counts if count or name in {"read", "refused"}
        )
        lines = [f"{told} in {self.seconds:.1f} s ({self.rows_per_second:,.0f} rows/s)"]
        return "\n".join([*self.refused, *lines])


def progress(items: Iterable[Any], *, total: int | None, unit: str) -> Iterable[Any]:
    """Show a progress bar on a terminal, and nothing in a pipe or a log."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm  # noqa: PLC0415  only a terminal needs it

    bar: Iterable[Any] = tqdm(items, total=total, unit=unit)
    return bar


def gather(
    paths: Sequence[Path], *, app: str | None, written_at: datetime, summary: Summary
) -> list[Accepted]:
    """Read every file; OSError for one that cannot be opened, before anything is delivered."""
    found: list[Accepted] = []
    for path in paths:
        defaults = Defaults(app or app_name(path), written_at)
        for row in progress(rows(path, defaults), total=None, unit=" rows"):
            summary.read += 1
            if isinstance(row, Refused):
                summary.refused.append(str(row))
            else:
                found.append(row)
    kept = latest(found)
    summary.older = len(found) - len(kept)
    return kept


def deliver(found: Sequence[Accepted], delivery: Delivery, summary: Summary) -> None:
    """Deliver the records and have each app's topics made anew; UnreachableError when that fails."""
    try:
        for outcome in progress(delivery.deliver(found), total=len(found), unit=" rows"):
            if outcome.outcome == "added":
                summary.added += 1
            elif outcome.outcome == "unchanged":
                summary.unchanged += 1
            elif outcome.outcome == "replaced":
                summary.replaced += 1
            else:
                row = outcome.row
                summary.refused.append(
                    str(Refused(row.file, row.line, outcome.reason or "refused without a reason"))
                )
        for app in sorted({row.feedback.app for row in found}):
            delivery.regroup(app)
    finally:
        delivery.close()


def write(found: Sequence[Accepted], path: Path, summary: Summary) -> None:
    """Write the records as JSON lines, as `POST /v1/feedback/imports` takes them."""
    with path.open("w", encoding="utf-8") as out:
        for row in found:
            out.write(row.feedback.model_dump_json(exclude_none=True) + "\n")
    summary.written = len(found)


def token_for(url: str, given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Find the bearer token: the one given, the environment's, or, for this machine, the local suite's own.

    UnreachableError when there is none.
    """
    if token := given or environment.get(TOKEN_VARIABLE):
        return token
    if is_loopback(url):
        home = Path(environment.get(HOME_VARIABLE) or ROOT / "var")
        kept = home / "tokens" / "product_owner"
        if kept.is_file():
            return kept.read_text(encoding="utf-8").strip()
        raise UnreachableError(
            f"No local sign-in at {kept}: start the suite with `make run`, or pass --token "
            "(or use --dry-run / --out)"
        )
    raise UnreachableError(f"{url} needs a token: pass --token, or set {TOKEN_VARIABLE}")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(
    paths: Sequence[Path],
    *,
    app: str | None,
    written_at: datetime,
    out: Path | None,
    delivery: Delivery | None,
) -> Summary:
    """Read, and then write to `out`, or deliver, or (with neither) only count."""
    summary = Summary()
    began = time.monotonic()
    found = gather(paths, app=app, written_at=written_at, summary=summary)
    if out:
        write(found, out, summary)
    elif delivery and found:
        deliver(found, delivery, summary)
    summary.seconds = time.monotonic() - began
    return summary
