"""Pages from templates, in the reader's language; and what a page says when it cannot be shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from chalice.app import Response

from functions import assets, callers, form_tokens
from functions.domain.access import Caller, Permission, allow
from functions.domain.deadlines import KARACHI
from functions.domain.errors import NotAuthenticated, NotPermitted
from functions.door import EVENT, Answer, Request, lowered
from functions.errors import problem_of
from functions.incoming import caller_if_valid, cookies_of
from functions.settings import settings
from schemas.common import Tongue

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "pages"
LANGUAGE_COOKIE = "khidmat_lang"
YEAR_SECONDS = 31_536_000
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Overrides and isolates that would turn the text around a quote; the scripts themselves need none of them.
TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
OFFICERS_PAGES = ("/desk", "/supervision", "/danger")
CITIZENS_PAGES = ("/feedback", "/changelog")
ARABIC_LETTERS = range(0x0600, 0x0700)


@cache
def words() -> dict[str, dict[str, str]]:
    """The pages' own sentences: key -> language -> sentence."""
    found: dict[str, dict[str, str]] = json.loads((FOLDER / "words.json").read_text(encoding="utf-8"))
    return found


def sentence(key: str, tongue: Tongue, **fill: object) -> str:
    return words()[key][tongue].format(**fill)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - the API needs none

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        thousands=lambda number: f"{number:,}",
        quote_lang=quote_lang,
        unturned=lambda text: text.translate(TURNING),
        ltr=lambda text: f"\u2066{text}\u2069",  # a date inside Urdu would be read from its end
        clock=lambda at: at.astimezone(KARACHI).strftime("%Y-%m-%d %H:%M PKT"),
    )
    environment.globals.update(asset=assets.address)
    return environment


def page(
    request: Request, template: str, *, status: int = 200, here: str | None = None, **shown: Any
) -> Answer:
    """The template filled in, as an answer. `here` is the address a reader can come back to by GET."""
    event = EVENT.get()
    html = _html(template, request.tongue, request.caller, event, {"here": here or _here(event), **shown})
    return Answer(html, status=status, headers=_headers(event, request.tongue))


def redirect(address: str, **headers: str | list[str]) -> Answer:
    """303: whatever was sent, go on by GET."""
    return Answer("", status=303, headers={"Location": address, **headers})


def wants_part(request: Request) -> bool:
    """Whether the page itself asks, for a part of it, rather than the browser for the whole."""
    return request.headers.get("hx-request") == "true"


def cookie(name: str, value: str, seconds: int, path: str = "/") -> str:
    secure = "; Secure" if settings().base_url.startswith("https:") else ""
    return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


def refusal_page(error: Exception, tongue: Tongue, request_id: str, event: Mapping[str, Any]) -> Response:
    """What a reader sees instead: sign-in for a stranger, otherwise what is wrong and what to do."""
    headers = lowered(event)
    part = headers.get("hx-request") == "true"
    if isinstance(error, NotAuthenticated):
        return _to_sign_in(_came_from(event, headers), part=part)
    problem = problem_of(error, tongue, request_id)
    refusal = Refusal(
        problem.type.removeprefix("/problems/").replace("-", "_"),
        problem.status,
        number=request_id,
        other_account=isinstance(error, NotPermitted),
    )
    caller = caller_if_valid(_session(event))
    answer = refused(refusal, tongue, caller, event, part=part)
    return Response(body=answer.body, status_code=refusal.status, headers=dict(answer.headers))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is not shown. `retry` is where another try begins, when that is not the same address."""

    kind: str
    status: int
    number: str = ""
    other_account: bool = False
    retry: str | None = None


def refused(
    refusal: Refusal,
    tongue: Tongue,
    caller: Caller | None,
    event: Mapping[str, Any],
    *,
    part: bool = False,
) -> Answer:
    """The page of a refusal; `part` is for a page that is open already."""
    ours = refusal.status >= 500
    kind = (
        refusal.kind if f"refused_{refusal.kind}" in words() else ("internal" if ours else "invalid_request")
    )
    whose, list_ = _of_whom(str(event["path"]))
    here = _here(event) if event["httpMethod"] == "GET" else list_
    own = f"refused_{kind}_{whose}_text"
    shown = {
        "here": here,
        "kind": kind,
        "text_key": own if own in words() else f"refused_{kind}_text",
        "list_address": list_,
        "number": refusal.number if ours else "",
        "other_account": refusal.other_account,
        "retry": refusal.retry or (here if ours else None),
    }
    template = "parts/refused.html" if part else "refused.html"
    headers = {"Content-Type": "text/html; charset=utf-8", **_headers(event, tongue)}
    if part:
        headers |= {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}
    return Answer(_html(template, tongue, caller, event, shown), status=refusal.status, headers=headers)


def _of_whom(path: str) -> tuple[str, str]:
    """Whose page it is, by which a refusal is worded; and the page they go on from."""
    if path.startswith(OFFICERS_PAGES):
        return "desk", "/desk"
    return ("citizen", "/") if path.startswith(CITIZENS_PAGES) else ("owner", "/board")


def quote_lang(text: str) -> str:
    """The language attribute by the script used: what chooses the font and the reading voice."""
    return "ur" if any(ord(letter) in ARABIC_LETTERS for letter in text) else "ur-Latn"


def day(at: datetime, tongue: Tongue) -> str:
    """The day in Asia/Karachi, as people there write it."""
    local = at.astimezone(KARACHI)
    if tongue == "ur":
        return local.strftime("%d-%m-%Y")
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def _html(
    template: str, tongue: Tongue, caller: Caller | None, event: Mapping[str, Any], shown: Mapping[str, Any]
) -> str:
    other: Tongue = "en" if tongue == "ur" else "ur"
    here = shown["here"]
    frame = {
        "t": lambda key, **fill: sentence(key, tongue, **fill),
        "known_word": lambda key, fallback: words().get(key, {}).get(tongue, fallback),
        "day": lambda at: day(at, tongue),
        "date": lambda on: day(datetime.combine(on, time(), KARACHI), tongue),
        "tongue": tongue,
        "direction": "rtl" if tongue == "ur" else "ltr",
        "caller": caller,
        "may": lambda name: caller is not None and allow(caller, Permission(name)),
        "csrf": form_tokens.token(_session(event)),
        "sign_in_address": "/sign-in?" + urlencode({"next": here}),
        "other_tongue": other,
        "other_address": here + ("&" if "?" in here else "?") + f"lang={other}",
    }
    return _environment().get_template(template).render(**frame, **shown)


def _session(event: Mapping[str, Any]) -> str:
    """The value of the session's cookie, "" without one."""
    return cookies_of(lowered(event)).get(callers.COOKIE, "")


def _headers(event: Mapping[str, Any], tongue: Tongue) -> dict[str, str | list[str]]:
    headers: dict[str, str | list[str]] = {
        "Content-Language": tongue,
        "Vary": "Accept-Language, Cookie, HX-Request",
    }
    if (event.get("queryStringParameters") or {}).get("lang") == tongue:
        headers["Set-Cookie"] = [cookie(LANGUAGE_COOKIE, tongue, YEAR_SECONDS)]
    return headers


def _here(event: Mapping[str, Any]) -> str:
    given = event.get("multiValueQueryStringParameters") or {}
    pairs = [(name, value) for name, values in given.items() if name != "lang" for value in values]
    path = str(event["path"])
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _came_from(event: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Where to go on after signing in: the page that was open, never the part or form that was sent."""
    shown = headers.get("hx-current-url") or headers.get("referer", "")
    if headers.get("hx-request") != "true" and event["httpMethod"] == "GET":
        return _here(event)
    if not shown.startswith(settings().base_url + "/"):
        return "/board"
    parts = urlsplit(shown)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _to_sign_in(following: str, *, part: bool) -> Response:
    address = "/sign-in?" + urlencode({"next": following})
    headers = {"Content-Type": "text/html; charset=utf-8"}
    if part:
        return Response(body="", status_code=401, headers={**headers, "HX-Redirect": address})
    return Response(body="", status_code=303, headers={**headers, "Location": address})
