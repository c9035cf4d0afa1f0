"""E-mail through SES."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session

from functions.storage.providers import ONCE, told_apart


@cache
def client() -> Any:
    return botocore.session.get_session().create_client("sesv2", config=ONCE)


def send(sender: str, address: str, subject: str, text: str, html: str = "") -> None:
    """Plain text, and HTML beside it where there is any; once.

    NotTakenError or UncertainError, without its words.
    """
    body = {"Text": {"Data": text, "Charset": "UTF-8"}}
    if html:
        body["Html"] = {"Data": html, "Charset": "UTF-8"}
    content = {"Simple": {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}}
    with told_apart():
        client().send_email(FromEmailAddress=sender, Destination={"ToAddresses": [address]}, Content=content)
