"""Citizens' sign-in and sessions: a code asked for, tokens for it, the devices that are signed in."""

from __future__ import annotations

from functions.domain import accounts, anonymous, codes, signing_in
from functions.domain.access import Permission
from functions.domain.accounts import Tokens
from functions.domain.codes import Issued
from functions.door import Answer, Door, Request
from functions.me import sessions_shown
from schemas.accounts import (
    Challenge,
    CodeGrant,
    Grant,
    NewChallenge,
    RefreshGrant,
    SessionList,
    TokensShown,
)

door = Door("functions.accounts", tag="Account")


@door.declare(
    "POST",
    "/v1/accounts/challenges",
    Permission.PUBLIC,
    "Ask for a one-time code",
    takes=NewChallenge,
    answers=Challenge,
    status=202,
    problems=(400, 413, 415, 429, 503),
)
def ask_for_code(request: Request) -> Answer:
    """A code of six digits goes to the telephone, if the document is registered with it, or not at all yet.

    The answer is the same either way. The newest challenge alone counts.
    """
    asked: NewChallenge = request.body
    issued = signing_in.ask(
        asked.document.normal,
        asked.phone,
        channel=asked.channel,
        tongue=request.tongue,
        address=request.address,
        now=request.now,
    )
    return challenge_shown(issued)


@door.declare(
    "POST",
    "/v1/accounts/tokens",
    Permission.PUBLIC,
    "Sign in, or renew a sign-in",
    takes=Grant,
    answers=TokensShown,
    problems=(400, 401, 409, 413, 415, 429, 503),
)
def give_tokens(request: Request) -> Answer:
    """By the code that was sent, by the refresh token of a session, or by the code of an anonymous report.

    A code that is wrong, used, late or unknown gets one and the same answer.
    """
    return Answer(_tokens_shown(_granted(request)))


def _granted(request: Request) -> Tokens:
    grant = request.body
    if isinstance(grant, RefreshGrant):
        return accounts.refresh(grant.refresh_token, request.now)
    if isinstance(grant, CodeGrant):
        return signing_in.sign_in(
            grant.challenge,
            grant.phone,
            grant.code,
            device=grant.device or "",
            address=request.address,
            now=request.now,
        )
    codes.admit_exchange(request.address, request.now)
    return anonymous.sign_in(grant.reference, grant.code, request.now)


def _tokens_shown(tokens: Tokens) -> TokensShown:
    return TokensShown(
        access_token=tokens.access_token,
        expires_in=tokens.expires_in,
        refresh_token=tokens.refresh_token,
        session=tokens.session,
    )


def challenge_shown(issued: Issued) -> Answer:
    shown = Challenge(
        challenge=issued.challenge,
        expires_at=issued.expires_at,
        tries=codes.TRIES,
        resend_after_seconds=codes.RESEND_SECONDS,
    )
    return Answer(shown)


@door.declare(
    "GET",
    "/v1/me/sessions",
    Permission.ACCOUNT_OWN,
    "Where you are signed in",
    answers=SessionList,
    problems=(401, 403, 503),
)
def list_sessions(request: Request) -> Answer:
    """Your devices, the one used last first."""
    return Answer(SessionList(items=sessions_shown(request.signed_in, request)))


@door.declare(
    "DELETE",
    "/v1/me/sessions",
    Permission.ACCOUNT_OWN,
    "Sign out everywhere",
    status=204,
    problems=(401, 403, 409, 503),
)
def sign_out_everywhere(request: Request) -> Answer:
    """Ends every session, this one too."""
    accounts.sign_out(request.signed_in, None, request.now)
    return Answer()


@door.declare(
    "DELETE",
    "/v1/me/sessions/{session}",
    Permission.ACCOUNT_OWN,
    "Sign one device out",
    status=204,
    problems=(401, 403, 404, 409, 503),
)
def sign_out(request: Request) -> Answer:
    """Ends one session: this device's, or that of one you have lost."""
    accounts.sign_out(request.signed_in, request.path["session"], request.now)
    return Answer()
