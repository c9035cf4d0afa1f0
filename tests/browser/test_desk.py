"""An officer's morning at the desk, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
OFFICER, ABOVE = "Sub-divisional officer, Civil Lines", "District officer, Lahore"
TELEPHONE = {"width": 390, "height": 844}
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


def at_desk(page, sign_in, name=OFFICER, following="/desk"):
    return sign_in(page, name=name, following=following)


def line_of(page, what):
    return page.locator(".case-row", has_text=what)


def test_a_case_is_taken_up_by_key_beside_the_list_and_a_slower_colleague_is_told(
    open_page, sign_in, complaints
):
    page, other = at_desk(open_page(), sign_in), at_desk(open_page(), sign_in, ABOVE)
    for each in (page, other):
        line_of(each, "Demand of a bribe").locator("[data-open]").click()
        expect(each.locator("#case-title")).to_be_focused()
    assert page.locator("#case").bounding_box()["x"] > page.locator("#list").bounding_box()["x"] + 300
    expect(page).to_have_url(re.compile("/desk/KH-"))

    page.keyboard.press("a")
    expect(page.locator("#said")).to_have_text("Done: accepted. The case is now: accepted.")
    expect(line_of(page, "Demand of a bribe").locator(".status")).to_have_text("accepted")

    other.keyboard.press("t")
    expect(other.locator("#transfer-office")).to_be_focused()
    other.locator("#transfer-office").select_option("sd-lhr-city")
    other.locator("#transfer-text").fill("It happened in the city.")
    other.get_by_role("button", name="Transfer it").click()
    expect(other.locator("#case .notice")).to_contain_text("somebody else worked on this case meanwhile")
    expect(other.locator("#transfer-text")).to_have_value("It happened in the city.")
    expect(line_of(other, "Demand of a bribe").locator(".status")).to_have_text("accepted")
    # The browser itself writes any 4xx answer to its console; here it is the answer wanted.
    assert [said for said in complaints if "409" not in said] == []
    complaints.clear()


def test_a_list_is_gone_through_by_key_and_a_step_without_its_words_is_explained(
    open_page, sign_in, complaints
):
    page = at_desk(open_page(), sign_in)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("o")
    expect(page.locator("#case-title")).to_be_focused()
    page.keyboard.press("r")
    page.get_by_role("button", name="Hand in the report").click()
    expect(page.locator("#report-finding-fault")).to_contain_text("Finding is missing; give it")
    page.locator("#report-text").press("a")
    expect(page.locator("#report-text")).to_have_value("a")
    page.keyboard.press("Escape")
    page.locator("#case-title").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Accept")
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_without_scripts_a_restricted_case_is_opened_for_a_purpose_and_accepted(
    open_page, sign_in, complaints
):
    page = at_desk(open_page(java_script_enabled=False, viewport=TELEPHONE), sign_in)
    line_of(page, "Restricted").get_by_role("link").click()
    page.get_by_label("Purpose").select_option("handling")
    page.get_by_role("button", name="Open the case").click()
    expect(page.locator("#case")).to_contain_text("She was threatened on the way home")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#case .notice")).to_have_text("Done: accepted. The case is now: accepted.")
    assert page.locator("#case").bounding_box()["y"] > page.locator("#list").bounding_box()["y"]
    assert [said for said in complaints if "403" not in said] == []
    complaints.clear()


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_officers_pages_fit_a_telephone_and_a_thumb(open_page, sign_in, language):
    page = at_desk(open_page(viewport=TELEPHONE), sign_in)
    for address in ("/supervision", "/supervision/promises", "/desk"):
        page.goto(f"{address}?lang={language}")
        assert page.evaluate(SIDEWAYS) <= 0, address
    page.locator("[data-open]").last.click()
    page.locator("#case-title").wait_for()
    assert page.evaluate(SIDEWAYS) <= 0
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, textarea, summary, .button, .tallies a")]
            .filter((e) => e.offsetParent !== null && !e.closest("dialog"))
            .map((e) => [e.textContent.trim().slice(0, 20), e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([text]) => text)"""
    )
    assert small == []
