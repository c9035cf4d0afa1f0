"""What a citizen may ask about themselves: everything we hold, and to be forgotten."""

from __future__ import annotations

from functions import cursors
from functions.complaints import notice_shown, shown
from functions.domain import accounts, own_data, topics
from functions.domain.access import Caller, Permission
from functions.domain.own_data import AccountHeld
from functions.door import Answer, Door, Request
from functions.notifications import preferences_shown
from schemas.accounts import Account, AccountChange, Erased, OwnData, SessionShown
from schemas.common import CursorQuery

door = Door("functions.me", tag="Account")


@door.declare(
    "GET",
    "/v1/me/export",
    Permission.ACCOUNT_OWN,
    "Everything held about you",
    query=CursorQuery,
    answers=OwnData,
    problems=(400, 401, 403, 503),
)
def export_mine(request: Request) -> Answer:
    """Page by page: the account first, then complaints, feedback and notices."""
    caller = request.signed_in
    position = cursors.decode(request.query.cursor, "export", caller.subject)
    held = own_data.export(caller, position)
    page = OwnData(
        account=_account(held.account, request) if held.account else None,
        complaints=tuple(shown(case, caller) for case in held.cases),
        feedback=tuple(topics.quote(row) for row in held.feedback),
        notices=tuple(notice_shown(row, request.tongue) for row in held.notices),
        next=cursors.encode(held.following, "export", caller.subject),
    )
    return Answer(page)


@door.declare(
    "POST",
    "/v1/me/erasure",
    Permission.ACCOUNT_OWN,
    "Be forgotten",
    answers=Erased,
    problems=(401, 403, 409, 503),
)
def erase_me(request: Request) -> Answer:
    """Destroys your key: nothing you wrote can be read by anybody from then on. It cannot be undone.

    What the law requires stays: that a case was lodged, its steps and its times. Withdraw open cases first.
    """
    forgotten = own_data.erase(request.signed_in, request.now)
    return Answer(Erased(erased_at=request.now, complaints=forgotten.complaints, feedback=forgotten.feedback))


def _account(held: AccountHeld, request: Request) -> Account:
    caller = request.signed_in
    return Account(
        person=held.person,
        document=held.document,
        phone=held.phone,
        registered_at=held.registered_at,
        history=tuple(
            AccountChange(
                at=each.at, action=each.action, by="you" if each.actor == caller.subject else each.role
            )
            for each in held.history
        ),
        sessions=sessions_shown(caller, request),
        notifications=preferences_shown(held.notifications, is_reachable=held.phone is not None),
    )


def sessions_shown(caller: Caller, request: Request) -> tuple[SessionShown, ...]:
    return tuple(
        SessionShown(
            session=each.session,
            device=device,
            created_at=each.created_at,
            used_at=each.used_at,
            expires_at=each.expires_at,
            current=each.session == caller.session,
        )
        for each, device in accounts.sessions(caller, request.now)
    )
