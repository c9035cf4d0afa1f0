"""What WhatsApp's Cloud API asks of its webhook, and what it is answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Body, Shown


class VerifyQuery(Body):
    mode: Annotated[Literal["subscribe"], Field(alias="hub.mode")]
    verify_token: Annotated[str, Field(alias="hub.verify_token", min_length=1, max_length=200)]
    challenge: Annotated[str, Field(alias="hub.challenge", pattern=r"^[A-Za-z0-9_.-]{1,200}$")]


class WebhookReceipt(Shown):
    feedback: int = Field(description="Messages of this delivery that are marked as feedback")
