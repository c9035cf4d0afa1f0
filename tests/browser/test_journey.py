"""A product owner's morning, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import seed

pytestmark = pytest.mark.browser
FIRST = f"/board/topics/{seed.topic_id(1)}"
TELEPHONE = {"width": 390, "height": 844}
OTHER_PAGES = ("/board/roadmap", "/board/releases", "/board/labels", "/changelog")
NASTALIQ_LOADED = (
    "document.fonts.ready.then(() => document.fonts.check('18px \"Noto Nastaliq Urdu\"', 'کوڈ'))"
)
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


def test_a_topic_is_understood_decided_upon_and_the_decision_undone(open_page, sign_in):
    page = sign_in(open_page())
    page.get_by_role("link", name="why One-time code does not arrive stands here").click()
    why = page.locator(f"#why-{seed.topic_id(1)}")
    expect(why.get_by_role("img", name=re.compile("Score 84 of 100: people 31"))).to_be_visible()
    expect(why.locator("blockquote")).to_have_count(3)
    why.get_by_role("link", name="Open the topic").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("One-time code does not arrive")
    expect(page.locator(".trend-chart.is-wide")).to_be_visible()
    page.get_by_label("Change to").select_option("accepted")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.locator("#said")).to_have_text("Saved. The decision is now: accepted.")
    expect(page.locator(".present .status")).to_have_text("accepted")

    page.reload()
    expect(page.locator(".present .status")).to_have_text("accepted")

    page.get_by_label("Change to").select_option("planned")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.locator(".present .status")).to_have_text("planned")
    page.keyboard.press("u")
    expect(page.locator("#told")).to_contain_text("Undone.")
    expect(page.locator(".present .status")).to_have_text("accepted")
    expect(page.locator(".history li")).to_have_count(3)


def test_declining_without_a_reason_is_explained_at_the_field_and_nothing_typed_is_lost(
    open_page, sign_in, complaints
):
    page = sign_in(open_page(), following=f"/board/topics/{seed.topic_id(6)}")
    page.get_by_label("Change to").select_option("declined")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("Write in a few words why it is declined.")).to_be_visible()
    expect(page.get_by_label("Change to")).to_have_value("declined")
    assert page.evaluate("document.activeElement.closest('.notice') !== null")
    expect(page.locator(".present .status")).to_have_text("to decide")
    # The browser itself writes any 4xx answer to its console; here it is the answer wanted.
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_without_scripts_the_same_can_be_done(open_page, sign_in):
    page = sign_in(open_page(java_script_enabled=False))
    page.get_by_role("link", name="why Complaint number is not shown again stands here").click()
    expect(page.get_by_role("heading", name="Why it stands here")).to_be_visible()
    page.get_by_label("Change to").select_option("planned")
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("Saved. The decision is now: planned.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".present .status")).to_have_text("to decide")
    page.get_by_role("link", name="More texts").click()
    expect(page.locator("#quotes blockquote")).to_have_count(10)


def test_more_texts_come_in_place(open_page, sign_in):
    page = sign_in(open_page(), following=FIRST)
    page.get_by_role("link", name="More texts").click()
    expect(page.locator("#quotes blockquote")).to_have_count(20)
    page.get_by_role("link", name="More texts").click()
    expect(page.locator("#quotes blockquote")).to_have_count(24)
    expect(page.get_by_role("link", name="More texts")).to_have_count(0)


def test_the_urdu_board_runs_from_right_to_left_in_nastaliq(open_page, sign_in):
    page = sign_in(open_page())
    page.get_by_role("link", name="اردو").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.evaluate(NASTALIQ_LOADED)
    topic = page.get_by_role("link", name="تصدیقی کوڈ نہیں آتا", exact=True)
    expect(topic).to_be_visible()
    style = topic.evaluate("e => { const s = getComputedStyle(e); return [s.fontFamily, s.fontSize] }")
    assert style[0].startswith('"Noto Nastaliq Urdu"')
    assert style[1] == "18px"
    rank, score = page.locator("td.c-rank").first, page.locator("td.c-score").first
    assert rank.bounding_box()["x"] > score.bounding_box()["x"]


def test_everything_is_reached_by_keyboard(open_page, sign_in):
    page = sign_in(open_page())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Character certificate late", exact=True)).to_be_focused()
    page.keyboard.press("w")
    expect(page.locator(f"#why-{seed.topic_id(2)} .why-open")).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator(f"#why-{seed.topic_id(2)}")).to_be_hidden()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Character certificate late")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "status":
            break
    page.keyboard.type("acc")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("first in line j k ?")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".history li")).to_contain_text("first in line j k ?")


def test_keys_can_be_switched_off_for_those_who_speak_to_their_computer(open_page, sign_in):
    page = sign_in(open_page())
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Switch these keys off on this device").check()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('[data-topic]') === null")


def test_an_officer_is_told_that_the_board_is_not_for_them_and_can_leave(open_page, sign_in, complaints):
    page = sign_in(open_page(), name="District officer, Lahore")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not for your role")
    complaints.clear()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


def test_a_server_that_does_not_answer_is_said_where_one_looks(open_page, sign_in, complaints):
    page = sign_in(open_page())
    page.route("**/why", lambda route: route.abort())
    page.get_by_role("link", name="why One-time code does not arrive stands here").click()
    expect(page.get_by_role("alert")).to_contain_text("No answer from the server.")
    complaints.clear()


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("address", ["/", "/board", FIRST, "/docs", *OTHER_PAGES])
def test_nothing_scrolls_sideways_on_a_telephone(open_page, sign_in, address, language):
    page = sign_in(open_page(viewport=TELEPHONE))
    page.goto(f"{address}?lang={language}")
    assert page.evaluate(SIDEWAYS) <= 0
    if address == "/board":
        page.locator("[data-why]").first.click()
        page.locator(".why-open").wait_for()
        assert page.evaluate(SIDEWAYS) <= 0


@pytest.mark.parametrize("address", ["/board", FIRST, *OTHER_PAGES])
def test_what_is_pressed_on_a_telephone_is_large_enough_for_a_thumb(open_page, sign_in, address):
    page = sign_in(open_page(viewport=TELEPHONE))
    page.goto(address)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, textarea, summary, .button, .why, .main-nav a, .account a")]
            .filter((e) => e.offsetParent !== null && !e.closest("dialog"))
            .map((e) => [e.textContent.trim().slice(0, 20), e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([text]) => text)"""
    )
    assert small == []
