"""Fetching reviews from the app stores: what the clock starts, and all that holds the stores' keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Rate

from feedback_ml.sources.app_store_api import AppStoreReviews, ConnectKey
from feedback_ml.sources.pages import KeyUnfitError, ReviewStore
from feedback_ml.sources.play_api import PlayReviews, ServiceAccount
from feedback_ml.text import mask_personal
from functions.domain import champion, feedback, fetching
from functions.domain.fetching import Configured
from functions.logs import failing_quietly
from functions.settings import optional
from schemas.feedback import Feedback
from schemas.topics import ImportOutcome

schedule = Blueprint("functions.fetching")
log = logging.getLogger("khidmat")
TIME_TO_STOP_MS = 300_000
"""A page may be asked for four times, 20 seconds each, with a minute between; a run leaves time for one."""
STORES = {
    "play": ("play_account", "play_apps"),
    "app_store": ("app_store_key", "app_store_apps"),
}
"""Settings without which a store is off."""


class SourcesNotFetchedError(Exception):
    """So many stores did not give their reviews; the others were read."""


# Each store is read every six hours (functions/domain/fetching.py); the tick is for what was asked for.
@schedule.schedule(Rate(10, unit=Rate.MINUTES))
@failing_quietly
def fetch_reviews(event: CloudWatchEvent) -> dict[str, Any]:
    """Reads each app store that is set up from its cursor on, once six hours are over or somebody asked."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    now = datetime.fromisoformat(event.time)

    def take(records: Sequence[Feedback]) -> list[ImportOutcome]:
        return feedback.take_in(records, champion.label, mask_personal, now)

    done = fetching.fetch_all(
        tuple(configured()), off(), take, feedback.compare, now,
        has_time=lambda: remaining() > TIME_TO_STOP_MS,
    )  # fmt: skip
    log.info("stores read", extra={"found": done.read, "failed": done.failed})
    if done.failed:
        # The others are read; raising is what makes the function's error alarm ring.
        raise SourcesNotFetchedError(done.failed)
    return asdict(done)


def off() -> tuple[str, ...]:
    """Stores that are not set up."""
    return tuple(store for store, names in STORES.items() if not all(optional(name) for name in names))


def configured() -> Iterator[Configured]:
    """Each app in each store that is set up. Settings are read when one is opened: a fault costs that one."""
    if "play" not in off():
        for app in _listed("play_apps"):
            yield Configured(f"play:{app}", partial(_play, app))
    if "app_store" not in off():
        for entry in _listed("app_store_apps"):
            app_id, _, app = entry.partition("=")
            yield Configured(f"app_store:{app or app_id}", partial(_app_store, app_id, app))


def _listed(name: str) -> list[str]:
    return [entry.strip() for entry in optional(name).split(",") if entry.strip()]


def _play(app: str) -> ReviewStore:
    return PlayReviews(app, ServiceAccount.read(optional("play_account")))


def _app_store(app_id: str, app: str) -> ReviewStore:
    if not app or not (app_id.isascii() and app_id.isdigit()):
        raise KeyUnfitError("an app of the App Store is its number, =, and what feedback calls it")
    return AppStoreReviews(app_id, app, ConnectKey.read(optional("app_store_key")))
