"""A person's own views of the board: a name for what was chosen. Nobody else sees them."""

from __future__ import annotations

from functions.domain.access import Caller
from functions.domain.errors import ChangedMeanwhile, FieldFault, InvalidRequest
from functions.storage import views as store
from functions.storage.tables import StaleError

MOST_VIEWS = 20


def mine(caller: Caller) -> dict[str, str]:
    """Name -> what was chosen, in the order they were kept."""
    return store.of_person(caller.subject)[0]


def keep(caller: Caller, name: str, chosen: str) -> None:
    """Under a name that is there already, the new takes the old one's place. InvalidRequest for too many."""
    known, version = store.of_person(caller.subject)
    if name not in known and len(known) >= MOST_VIEWS:
        raise InvalidRequest(FieldFault("/name", "too_many_views", {"most": str(MOST_VIEWS)}))
    _save(caller, {**known, name: chosen}, version)


def remove(caller: Caller, name: str) -> None:
    """One that is not there is removed already."""
    known, version = store.of_person(caller.subject)
    if name in known:
        _save(caller, {each: chosen for each, chosen in known.items() if each != name}, version)


def _save(caller: Caller, views: dict[str, str], version: int) -> None:
    try:
        store.save(caller.subject, views, version)
    except StaleError:
        raise ChangedMeanwhile(state="other views") from None
