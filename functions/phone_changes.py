"""A change of telephone: a citizen's own, proved by a code, and one at a desk."""

from __future__ import annotations

from functions.accounts import challenge_shown
from functions.domain import phone_changes
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from schemas.accounts import Challenge, DeskPhoneChange, NewPhoneChange, PhoneChange, PhoneChanged

door = Door("functions.phone_changes", tag="Account")


@door.declare(
    "POST",
    "/v1/me/phone-changes/challenges",
    Permission.ACCOUNT_OWN,
    "Ask for a code at a new telephone",
    takes=NewPhoneChange,
    answers=Challenge,
    status=202,
    problems=(400, 401, 403, 404, 413, 415, 429, 503),
)
def ask_at_new_phone(request: Request) -> Answer:
    """A code of six digits goes to the new telephone; nothing is changed until it is given back."""
    asked: NewPhoneChange = request.body
    issued = phone_changes.ask(
        request.signed_in,
        asked.phone,
        channel=asked.channel,
        tongue=request.tongue,
        address=request.address,
        now=request.now,
    )
    return challenge_shown(issued)


@door.declare(
    "POST",
    "/v1/me/phone-changes",
    Permission.ACCOUNT_OWN,
    "Change your telephone",
    takes=PhoneChange,
    answers=PhoneChanged,
    problems=(400, 401, 403, 404, 409, 413, 415, 429, 503),
)
def change_phone(request: Request) -> Answer:
    """With the code that came to the new telephone. Every other device of yours is signed out."""
    given: PhoneChange = request.body
    phone_changes.confirm(
        request.signed_in,
        given.challenge,
        given.phone,
        given.code,
        address=request.address,
        now=request.now,
    )
    return Answer(PhoneChanged(changed_at=request.now))


@door.declare(
    "POST",
    "/v1/desk/phone-changes",
    Permission.DESK_PHONE_CHANGE,
    "Change a person's telephone at the desk",
    takes=DeskPhoneChange,
    answers=PhoneChanged,
    problems=(400, 401, 403, 404, 409, 413, 415, 503),
)
def change_phone_at_desk(request: Request) -> Answer:
    """The person is there with the document. Your name goes on their record; all devices are signed out."""
    asked: DeskPhoneChange = request.body
    phone_changes.change_at_desk(request.signed_in, asked.document.normal, asked.phone, request.now)
    return Answer(PhoneChanged(changed_at=request.now))
