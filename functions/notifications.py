"""Where people and offices are told of their cases, and what an office was told in the app."""

from __future__ import annotations

from datetime import time
from typing import cast

from functions import cursors
from functions.domain import notices, preferences
from functions.domain.access import Permission
from functions.domain.preferences import Contact, Preferences
from functions.domain.quiet_hours import Quiet
from functions.door import Answer, Door, Request
from functions.messages import notice_sentence
from schemas.common import PageQuery
from schemas.complaints import Notice, NoticePage
from schemas.notifications import (
    MessageChannel,
    NewNotifications,
    NewOfficeNotifications,
    Notifications,
    OfficeNotifications,
    QuietHours,
)

door = Door("functions.notifications", tag="Notifications")


@door.declare(
    "GET",
    "/v1/me/notifications",
    Permission.ACCOUNT_OWN,
    "Where you are told of your complaints",
    answers=Notifications,
    problems=(401, 403, 503),
)
def my_notifications(request: Request) -> Answer:
    """Whoever said nothing is told in Urdu, by SMS or else WhatsApp, and not at night in Pakistan."""
    wanted, is_reachable = preferences.mine(request.signed_in)
    return Answer(preferences_shown(wanted, is_reachable=is_reachable))


@door.declare(
    "PUT",
    "/v1/me/notifications",
    Permission.ACCOUNT_OWN,
    "Change where you are told",
    takes=NewNotifications,
    answers=Notifications,
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def change_my_notifications(request: Request) -> Answer:
    """Of restricted cases, and of reports without a name, nothing is ever told outside the app."""
    said: NewNotifications = request.body
    quiet = said.quiet_hours
    wanted = Preferences(
        tongue=said.language,
        channels=said.channels,
        email=said.email or "",
        quiet=Quiet(time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end), quiet.utc_offset_minutes)
        if quiet
        else None,
    )
    preferences.change(request.signed_in, wanted)
    return my_notifications(request)


@door.declare(
    "GET",
    "/v1/offices/{office}/notifications",
    Permission.OFFICE_CONTACT,
    "Whom an office has on duty",
    answers=OfficeNotifications,
    problems=(400, 401, 403, 404, 503),
)
def office_notifications(request: Request) -> Answer:
    """For officers of that office, and for administrators."""
    office = request.path["office"]
    return _contact_shown(office, preferences.of_office(request.signed_in, office))


@door.declare(
    "PUT",
    "/v1/offices/{office}/notifications",
    Permission.OFFICE_CONTACT,
    "Change whom an office has on duty",
    takes=NewOfficeNotifications,
    answers=OfficeNotifications,
    problems=(400, 401, 403, 404, 409, 413, 415, 503),
)
def change_office_notifications(request: Request) -> Answer:
    """The duty telephone is told at any hour that something is to be done; never of a restricted case."""
    office, said = request.path["office"], request.body
    wanted = Contact(said.language, said.channels, said.phone or "", said.email or "")
    preferences.change_office(request.signed_in, office, wanted, request.now)
    return _contact_shown(office, wanted)


@door.declare(
    "GET",
    "/v1/office/notices",
    Permission.OFFICE_READ_NOTICES,
    "What happened to your office's cases, newest first",
    query=PageQuery,
    answers=NoticePage,
    problems=(400, 401, 403, 503),
)
def office_notices(request: Request) -> Answer:
    """Without those you may not know of: a page may hold fewer than were asked for, and `next` goes on."""
    caller = request.signed_in
    bound_to = ("office notices", caller.subject, caller.office or "")
    position = cursors.decode(request.query.cursor, *bound_to)
    rows, after = notices.of_office(caller, position, request.query.limit)
    items = tuple(
        Notice(
            at=row.at,
            reference=row.reference,
            event=row.event,
            text=notice_sentence(row.event, request.tongue, row.reference, to_office=True),
        )
        for row in rows
    )
    return Answer(NoticePage(items=items, next=cursors.encode(after, *bound_to)))


def preferences_shown(wanted: Preferences, *, is_reachable: bool) -> Notifications:
    quiet = wanted.quiet
    hours = (
        {
            "from": f"{quiet.begin:%H:%M}",
            "to": f"{quiet.end:%H:%M}",
            "utc_offset_minutes": quiet.utc_offset_minutes,
        }
        if quiet
        else None
    )
    return Notifications(
        language=wanted.tongue,
        channels=_channels(wanted.channels),
        email=wanted.email or None,
        quiet_hours=QuietHours.model_validate(hours) if hours else None,
        reachable=is_reachable,
    )


def _contact_shown(office: str, contact: Contact) -> Answer:
    return Answer(
        OfficeNotifications(
            office=office,
            language=contact.tongue,
            channels=_channels(contact.channels),
            phone=contact.phone or None,
            email=contact.email or None,
        )
    )


def _channels(names: tuple[str, ...]) -> tuple[MessageChannel, ...]:
    return cast("tuple[MessageChannel, ...]", names)
