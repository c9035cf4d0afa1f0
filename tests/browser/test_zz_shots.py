"""The whole loop in a real browser, from an import to a citizen who says that it is still broken."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
SITE = ("empty",)
APP = "pk.khidmat.app"
CODE = ("OTP code does not arrive", "OTP nahi aa raha", "او ٹی پی نہیں آ رہا", "the OTP code never arrives")
OTHERS = tuple(
    f"the {thing} page is empty, the {thing} list does not load" for thing in ("map", "fee", "form")
)
BEFORE, AFTER = 58, 29
"""Days ago that the writing begins: before the release of a month ago, and after it."""
RELEASED_DAYS_AGO = 30


class Api:
    """What programs do beside the pages: bring feedback in, and write from inside the app."""

    def __init__(self, page, token):
        self._page, self._headers = page, {"Authorization": f"Bearer {token}"}

    def send(self, method, path, body=None):
        reply = self._page.request.fetch(path, method=method, headers=self._headers, data=body)
        assert reply.ok, reply.text()
        return reply.json()

    def take_in(self, texts, begins):
        """The texts, spread over four weeks that begin so many days ago, each by somebody else."""
        start, apart = datetime.now(UTC) - timedelta(days=begins), timedelta(days=27) / len(texts)
        records = [
            {
                "source": "file",
                "app": APP,
                "external_id": f"{begins}-{number}",
                "written_at": (start + apart * number).isoformat(),
                "text": text,
                "rating": 1,
                "person": f"somebody-{begins}-{number}",
            }
            for number, text in enumerate(texts)
        ]
        for at in range(0, len(records), 200):
            self.send("POST", "/v1/feedback/imports", {"records": records[at : at + 200]})
        self.send("POST", "/v1/topics/regroup", {"app": APP})


def owners(page):
    (token,) = [each["value"] for each in page.context.cookies() if each["name"] == "khidmat_session"]
    return Api(page, token)


def decide(page, status, **fields):
    page.get_by_label("Change to").select_option(status)
    for label, value in fields.items():
        page.locator(f"[name={label}]").last.fill(value)
    page.get_by_role("button", name="Save the decision").click()


def test_from_import_to_still_broken_and_open_again(open_page, sign_in, folder, base_url):
    page = sign_in(open_page())
    expect(page.get_by_text("No topics yet")).to_be_visible()
    api = owners(page)
    api.take_in([*CODE * 20, *OTHERS * 50], BEFORE)

    # What people write about most stands on the board, and is accepted.
    page.goto("/board?q=code")
    page.locator("[data-open]").first.click()
    topic = page.url.partition("?")[0]
    expect(page.locator("#quotes blockquote").first).to_be_visible()
    decide(page, "accepted", reason="Nobody gets in without a code")
    expect(page.locator("#said")).to_have_text("Saved. The decision is now: accepted.")

    # Somebody writes about it from inside the app.
    citizen = Api(page, (folder / "citizen.token").read_text())
    given = citizen.send("POST", "/v1/feedback", {"text": CODE[0], "rating": 1})["feedback_id"]
    api.send("POST", "/v1/topics/regroup", {"app": APP})

    # A release is entered, the topic put into it on the road map, and shipped.
    day = (datetime.now(UTC) - timedelta(days=RELEASED_DAYS_AGO)).date().isoformat()
    page.goto("/board/releases")
    page.get_by_label("Version").fill("2.4")
    page.get_by_label("Day").fill(day)
    page.get_by_role("button", name="Enter it").click()
    expect(page.get_by_text("Entered. Put topics into it")).to_be_visible()
    release = page.url.partition("?")[0]
    page.goto("/board/roadmap")
    card = page.locator("[aria-labelledby=column-accepted] .card")
    card.locator("summary").click()
    card.get_by_role("button", name="Put in").click()
    expect(page.locator("#told")).to_contain_text("it is now: in a release.")
    page.goto(topic)
    page.get_by_text("What was done, for the public").click()
    decide(
        page, "in_release", done_en="Codes come by a second way.", done_ur="کوڈ اب دوسرے راستے سے بھی آتا ہے۔"
    )
    expect(page.locator("#said")).to_contain_text("in a release")
    page.goto(release)
    page.get_by_label("It is out, and people may be told").check()
    page.get_by_role("button", name="Ship it and tell people").click()
    expect(page.get_by_text("It is out. People are told now")).to_be_visible()

    # Whoever wrote about it is told, once.
    notices = citizen.send("GET", "/v1/me/notices")["items"]
    assert [(each["reference"], "2.4" in each["text"]) for each in notices] == [(given, True)]

    # What is written since is measured against what was written before.
    api.take_in([CODE[0], CODE[1], *OTHERS * 50], AFTER)
    page.goto(topic)
    expect(page.locator("#measured .verdict")).to_have_text("it helped")
    expect(page.locator(".present .status")).to_have_text("measured")
    expect(page.locator(".trend-chart.is-wide .mark.own")).to_have_count(1)

    # Everybody reads it; and the one who was told says that it is not so.
    public = open_page(viewport={"width": 390, "height": 844})
    public.goto("/changelog")
    expect(public.get_by_text("Codes come by a second way.")).to_be_visible()
    session = {"name": "khidmat_session", "value": (folder / "citizen.token").read_text(), "url": base_url}
    public.context.add_cookies([session])
    public.goto(f"/feedback/{given}/still-broken")
    expect(public.get_by_text("Codes come by a second way.")).to_be_visible()
    for lang in ("ur", "en"):
        for width in (1280, 390):
            public.set_viewport_size({"width": width, "height": 844})
            public.goto(f"/feedback/{given}/still-broken?lang={lang}")
            public.screenshot(path=f"/tmp/shots/board/still-broken-{lang}-{width}.png")
    public.get_by_label("What is still wrong?").fill("OTP ab bhi nahi aata")
    public.get_by_role("button", name="No, it is still broken").click()
    expect(public.get_by_role("heading", level=1)).to_have_text("Noted. Thank you.")

    # So it is open again, for all to see.
    page.goto(topic)
    expect(page.locator(".present .status")).to_have_text("open again")
    expect(page.locator(".history li").first).to_contain_text("by citizens")
    page.goto("/board/roadmap")
    first = page.locator("[aria-labelledby=column-new] .card").first
    expect(first).to_contain_text("open again")
    expect(first.locator("[data-open]")).to_have_attribute("href", re.compile(topic.rpartition("/")[2]))
    public.goto("/changelog")
    expect(public.get_by_text("open again: it is not mended yet")).to_be_visible()
