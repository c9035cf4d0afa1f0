"""What a page's form carries to show that it was made for the session it is sent with (against CSRF).

A form made elsewhere cannot know it, whatever origin a browser names. It follows from the session's cookie,
so nothing is stored, and a form dies with its session.
"""

from __future__ import annotations

import hashlib
import hmac

from functions.domain.errors import CrossSiteRequest
from functions.settings import settings

FIELD = "csrf"


def token(session: str) -> str:
    """The token of the session whose cookie has this value; "" without a session."""
    if not session:
        return ""
    # A key of its own, so that nothing else we sign can ever pass for a form.
    key = hmac.new(settings().cursor_key.encode(), b"form", hashlib.sha256).digest()
    return hmac.new(key, session.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def check(given: str, session: str) -> None:
    """CrossSiteRequest unless the token is the session's own."""
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token(session).encode()):
        raise CrossSiteRequest
