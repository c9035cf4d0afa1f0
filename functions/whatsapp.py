"""What WhatsApp's Cloud API calls: the check that this is our address, and messages as they come in."""

from __future__ import annotations

from feedback_ml.text import mask_personal
from functions import bodies
from functions.domain import champion, whatsapp
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.settings import settings
from schemas.whatsapp import VerifyQuery, WebhookReceipt

door = Door("functions.whatsapp", tag="WhatsApp")
BODY_LIMIT = 3 * 1024 * 1024
"""The most that one delivery may hold, as Meta says."""


@door.declare(
    "GET",
    "/v1/whatsapp",
    Permission.PUBLIC,
    "Show WhatsApp that this address is ours",
    query=VerifyQuery,
    media_type="text/plain",
    problems=(400, 403, 404),
)
def verify(request: Request) -> Answer:
    """Answers `hub.challenge` to whoever knows the verify token. 404 where WhatsApp is not set up."""
    whatsapp.check_token(settings().whatsapp_verify_token, request.query.verify_token)
    return Answer(request.query.challenge)


@door.declare(
    "POST",
    "/v1/whatsapp",
    Permission.PUBLIC,
    "Messages to the force's WhatsApp number",
    takes=bytes,
    answers=WebhookReceipt,
    body_limit=BODY_LIMIT,
    problems=(400, 403, 404, 413, 503),
)
def receive(request: Request) -> Answer:
    """Keeps what is marked as feedback and nothing else. Signed: `X-Hub-Signature-256` over the raw body.

    A delivery that comes again changes nothing; 503 has it come again.
    """
    given = request.headers.get("x-hub-signature-256", "")
    whatsapp.check_signature(settings().whatsapp_app_secret, request.body, given)
    payload = bodies.parse_json(request.body)
    kept = whatsapp.take_in(payload, settings().own_app, champion.label, mask_personal, request.now)
    return Answer(WebhookReceipt(feedback=kept))
