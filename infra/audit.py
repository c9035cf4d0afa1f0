"""Verifies the audit: python -m infra.audit verify [--case REFERENCE] [--from DAY] [--ledger-only] [--json].

Walks the signed roots, the ledger's copies, the chains and the items they are chains of, and names the first
bad entry. Looks at the local suite, running or not (KHIDMAT_HOME); with --deployed at what the AWS settings
name. Exit: 0 whole, 1 something is wrong, 2 it could not be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from functions.domain import audit
from functions.domain.errors import InvalidReference
from functions.domain.references import parse_reference
from functions.settings import SettingsError
from functions.storage.tables import StoreFailureError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from functions.domain.audit import Verified
    from functions.domain.ledger import Bad

WHOLE, WRONG, UNSEEN = 0, 1, 2
MEANINGS = {
    "root_missing": "a day has no signed root (seal_audit makes it)",
    "root_forged": "a day's root is not signed by the ledger key",
    "root_chain_broken": "a day's root does not follow from the day before",
    "copy_replaced": "an object of the ledger was written over, or hidden by a delete marker",
    "copy_missing": "a copy that the day's root lists is not there, or not at its place",
    "copy_out_of_order": "two copies have changed places",
    "copy_not_rooted": "there is something in the ledger that no root lists",
    "copy_unreadable": "what was written was no chain",
    "entry_removed": "the chain was cut: the entry was taken out of the item",
    "entry_rewritten": "the entry says something else than when it was copied",
    "entry_missing": "an entry is missing",
    "entry_out_of_order": "an entry stands at another's place",
    "entry_changed": "the entry does not follow from the one before it",
    "row_differs": "the row says something else than its chain",
    "item_missing": "the item is gone",
    "item_unreadable": "what stands in the item is no chain",
    "item_shorter": "the item has lost its last entries",
    "item_differs": "the item's entry is not the one that was copied",
    "item_not_copied": "the entry was never copied into the ledger",
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        only = f"case:{parse_reference(asked.case)}" if asked.case else ""
        with _pointed(deployed=asked.deployed):
            wanted = audit.Asked(items=not asked.ledger_only, only=only, since=asked.since)
            verified = audit.verify(datetime.now(UTC), wanted, _progress(asked.json))
    except InvalidReference:
        print(f"{asked.case} is not a case reference", file=sys.stderr)
        return UNSEEN
    except (SettingsError, StoreFailureError) as error:
        print(f"could not be looked at: {error}", file=sys.stderr)
        return UNSEEN
    print(_as_json(verified) if asked.json else _told(verified))
    return WRONG if verified.bad else WHOLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.audit", description=__doc__)
    parser.add_argument("command", choices=["verify"])
    parser.add_argument(
        "--case", default="", help="one case alone (roots and copies are checked all the same)"
    )
    parser.add_argument(
        "--from",
        dest="since",
        type=date.fromisoformat,
        default=date.min,
        metavar="DAY",
        help="read the copies of this day and later ones (2026-11-23); for what was before, the roots stand",
    )
    parser.add_argument("--ledger-only", action="store_true", help="do not compare with the items themselves")
    parser.add_argument("--deployed", action="store_true", help="the account that the AWS settings name")
    parser.add_argument("--json", action="store_true", help="for machines")
    return parser


@contextlib.contextmanager
def _pointed(*, deployed: bool) -> Iterator[None]:
    """Points the product at the local suite's engines for the block, unless a deployment is asked for."""
    if deployed:
        yield
        return
    from infra.local import tick  # noqa: PLC0415 - a deployment has no local suite
    from infra.local.home import home  # noqa: PLC0415 - as above

    with tick.engines_at_hand(home(), os.environ.get("KHIDMAT_ENGINE", "")) as product:
        os.environ.update(product)
        yield


def _progress(quiet: bool) -> audit.Tell:
    if quiet or not sys.stderr.isatty():
        return lambda _: None
    return lambda text: print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _as_json(verified: Verified) -> str:
    return json.dumps({**asdict(verified), "whole": verified.bad is None}, ensure_ascii=False)


def _told(verified: Verified) -> str:
    looked = f"{verified.days} days with a root, {verified.copies} copies, {verified.chains} chains"
    if verified.bad is None:
        return f"Whole: {looked}."
    return f"WRONG: {_place(verified.bad)}: {MEANINGS[verified.bad.fault]} ({verified.bad.fault}). {looked}."


def _place(bad: Bad) -> str:
    entry = f"{bad.subject} entry {bad.sequence}" if bad.subject else ""
    return ", ".join(part for part in (entry, bad.where) if part)


if __name__ == "__main__":
    sys.exit(main())
