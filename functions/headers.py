"""Headers that every answer carries, and which other sites' scripts may read the API (CORS)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from functions.settings import settings

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Data shown by a browser as a document may load and run nothing at all."""
# What a page may not ask of its reader's device: all that Chromium, the strictest about unknown names, knows.
# https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Permissions-Policy
POWERS = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "gamepad",
    "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment", "picture-in-picture", "publickey-credentials-create", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Guards against embedding without CORS; a script that CORS lets read is not held up by it (Fetch, 3.6).
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
}
EXPOSED = "ETag, Location, Link, Retry-After, Content-Disposition"
ASKED_WITH = "Authorization, Content-Type, Idempotency-Key, If-Match, Accept-Language, X-Purpose"
PREFLIGHT_SECONDS = 7_200
"""As long as browsers keep the answer to a preflight at most."""


def security(*, data: bool) -> dict[str, str]:
    """For an answer that is data, or for a page and its files."""
    return {**SECURITY_HEADERS, "Content-Security-Policy": DATA_POLICY if data else PAGE_POLICY}


def sharing(asked: Mapping[str, str], present: str = "") -> dict[str, str]:
    """What lets the scripts of a listed site read an answer of the API; to any other site, nothing.

    `asked` are the request's headers in small letters, `present` the answer's own Vary. No cookie is taken
    from elsewhere, so credentials are not allowed.
    """
    allowed = settings().allowed_origins
    if not allowed:
        return {}
    # Said to everybody, so that no cache hands one site's answer to another.
    said = {"Vary": f"{present}, Origin" if present else "Origin"}
    if asked.get("origin") in allowed:
        said |= {
            "Access-Control-Allow-Origin": asked["origin"],
            "Access-Control-Expose-Headers": EXPOSED,
        }
    return said


def preflight(asked: Mapping[str, str], methods: Iterable[str]) -> dict[str, str]:
    """What a browser is told when it asks whether another site's script may send such a request."""
    said = sharing(asked)
    if "Access-Control-Allow-Origin" not in said:
        return said
    del said["Access-Control-Expose-Headers"]  # of the answer itself alone
    return said | {
        "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
        "Access-Control-Allow-Headers": ASKED_WITH,
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
