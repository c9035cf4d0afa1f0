"""The intake, the models and the sources in a real browser, in both languages, and axe-core on each."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import loop

pytestmark = pytest.mark.browser
CENTRAL, OWNER = "Central office, Punjab", "Product owner"
TELEPHONE = {"width": 390, "height": 844}
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"
REFRESHED_AFTER = 16_000
"""Milliseconds: the list asks every 15 seconds."""


def at_intake(page, sign_in, following="/danger"):
    return sign_in(page, name=CENTRAL, following=following)


def card_of(page, what):
    return page.locator(".call", has_text=what)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("address", ["/danger", "/danger?state=past", "call", "complaint"])
def test_axe_finds_nothing_at_the_intake(open_page, sign_in, address, language, scheme):
    page = at_intake(open_page(color_scheme=scheme), sign_in)
    if not address.startswith("/"):
        page.goto("/danger?state=acknowledged")
        call = page.locator("[data-open]").first.get_attribute("href")
        address = call if address == "call" else f"{call}/complaint"
    page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("address", ["/board/models", "/board/sources"])
def test_axe_finds_nothing_beside_the_board(open_page, sign_in, address, language, scheme):
    page = sign_in(open_page(color_scheme=scheme), name=OWNER)
    page.goto(f"{address}?lang={language}")
    for folded in page.locator("main details > summary").all():
        folded.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("language", ["en", "ur"])
def test_nothing_is_wider_than_a_telephone(open_page, sign_in, language):
    officer, owner = (open_page(viewport=TELEPHONE) for _ in range(2))
    at_intake(officer, sign_in)
    sign_in(owner, name=OWNER)
    for page, addresses in (
        (officer, ("/danger", "/danger?state=acknowledged")),
        (owner, ("/board/models", "/board/sources")),
    ):
        for address in addresses:
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            assert page.evaluate(SIDEWAYS) <= 0, address


def test_a_call_is_taken_up_by_key_and_leaves_a_colleagues_list_by_itself(open_page, sign_in):
    watching = open_page()
    watching.clock.install()
    at_intake(watching, sign_in)
    expect(watching).to_have_title(re.compile(r"^\(3\) "))

    page = at_intake(open_page(), sign_in)
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="A call for help")).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("#said")).to_contain_text("It is yours now")
    expect(page.locator("#case .notice")).to_be_focused()
    page.keyboard.press("s")
    page.locator("#outcome").select_option("helped")
    page.get_by_role("button", name="Save what came of it").click()
    expect(page.locator("#case .notice")).to_contain_text("Noted: the person was helped.")

    watching.clock.fast_forward(REFRESHED_AFTER)
    expect(watching.locator(".band")).to_contain_text("2 waiting")
    expect(watching).to_have_title(re.compile(r"^\(2\) "))


def test_a_refresh_takes_the_focus_from_nobody(open_page, sign_in):
    page = open_page()
    page.clock.install()
    at_intake(page, sign_in)
    last = page.locator("[data-open]").last
    last.focus()
    with page.expect_response(re.compile(r"/danger\?state=open")):
        page.clock.fast_forward(REFRESHED_AFTER)
    expect(page.locator("[data-open]").last).to_be_focused()


def test_without_scripts_a_call_is_taken_up_and_lodged_and_the_code_is_shown(open_page, sign_in, complaints):
    page = at_intake(open_page(java_script_enabled=False, viewport=TELEPHONE), sign_in)
    card_of(page, "He has a knife").get_by_role("button", name="I take it up").click()
    page.get_by_role("link", name="Lodge a complaint").click()
    expect(page.get_by_label("What happens there")).to_have_value(re.compile("He has a knife"))
    page.get_by_role("button", name="Lodge it").click()
    expect(page.locator("#category-fault")).to_be_visible()
    page.get_by_label("Matter").select_option("illegal_detention")
    page.get_by_label("Where").select_option("ps-lhr-mozang")
    page.get_by_role("button", name="Lodge it").click()
    expect(page.locator(".notice.good")).to_contain_text("Secret code:")
    expect(page.locator(".call .status")).to_have_text("lodged as a case")
    # The browser itself writes any 4xx answer to its console; here it is the answer wanted.
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_a_roll_back_asks_for_a_reason_and_is_undone(open_page, sign_in, complaints):
    page = sign_in(open_page(), name=OWNER, following="/board/models")
    back = page.locator("[aria-labelledby=rollback-title]")
    back.get_by_role("button", name="Roll back").click()
    expect(page.locator("#reason-rollback-fault")).to_be_visible()
    back.get_by_label("Why").fill("Urdu texts came out as praise.")
    back.get_by_role("button", name="Roll back").click()
    expect(page.locator("#models > .notice")).to_contain_text(loop.FORMER)
    page.get_by_role("button", name="Undo: back to").click()
    expect(page.locator("[aria-labelledby=champion-title]")).to_contain_text("came with the software")
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_a_dry_run_is_asked_for_in_place(open_page, sign_in):
    page = sign_in(open_page(), name=OWNER, following="/board/sources")
    source = page.locator(".source", has_text=loop.APP)
    source.get_by_role("button", name="Dry run").click()
    expect(page.locator("#said")).to_contain_text("A dry run is asked for.")
    expect(source).to_contain_text("A dry run waits for the next tick")
