"""The board's other work, mostly by key, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import seed

pytestmark = pytest.mark.browser


def topics(page):
    return [
        seed.number_of(each.get_attribute("href").rpartition("/")[2])
        for each in page.locator("[data-open]").all()
    ]


def test_topics_are_ticked_merged_and_parted_again_by_key(open_page, sign_in):
    page = sign_in(open_page())
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.locator("[data-tick]:checked")).to_have_count(2)
    page.keyboard.press("m")
    expect(page.locator("#told")).to_contain_text("Merged, 1 into: One-time code does not arrive")
    assert topics(page)[:3] == [1, 3, 4]
    page.keyboard.press("u")
    expect(page.locator("[data-open]").nth(1)).to_have_text("Character certificate late")


def test_ticking_nothing_is_explained(open_page, sign_in, complaints):
    page = sign_in(open_page())
    page.keyboard.press("m")
    expect(page.locator("#told")).to_contain_text("tick at least two topics first")
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_names_are_searched_and_the_list_is_kept_opened_and_removed(open_page, sign_in):
    page = sign_in(open_page())
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("sign in")
    page.keyboard.press("Enter")
    expect(page.locator("[data-open]")).to_have_text(["Asked to sign in every time"])
    page.get_by_label("Type").select_option("usability")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Keep these choices").click()
    page.locator("#view-name").fill("Signing in")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("Only you see it.")).to_be_visible()
    page.goto("/board")
    page.get_by_role("link", name="Signing in").click()
    assert topics(page) == [5]
    page.get_by_role("button", name="Remove the view Signing in").click()
    expect(page.get_by_role("link", name="Signing in")).to_have_count(0)
    assert topics(page) == [5]


def test_a_card_is_moved_along_and_back_by_key(open_page, sign_in):
    page = sign_in(open_page(), following="/board/roadmap")
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(page.locator("#told")).to_contain_text("it is now: planned.")
    expect(page.locator("[aria-labelledby=column-planned] .card").first).to_contain_text("One-time code")
    page.keyboard.press("u")
    expect(page.locator("[aria-labelledby=column-new] .card").first).to_contain_text("One-time code")
    page.keyboard.press("j")
    page.keyboard.press("d")
    expect(page.locator(f"[id='why-not-{seed.topic_id(1)}']")).to_be_focused()


def test_texts_are_labelled_passed_by_and_taken_back_by_key(open_page, sign_in):
    page = sign_in(open_page(), following="/board/labels")
    first = page.locator(".to-label")
    expect(first).to_contain_text("challan wala hissa")
    for key in ("6", "g"):
        page.keyboard.press(key)
    expect(page.locator("input[value=question]")).to_be_checked()
    expect(page.locator("input[value=language][name=area]")).to_be_checked()
    page.locator("#text-title").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".label-last")).to_contain_text("Saved: question, language")
    expect(first).to_contain_text("asks for my card again")
    page.keyboard.press("u")
    expect(first).to_contain_text("challan wala hissa")
    page.keyboard.press("s")
    expect(page.locator(".label-last")).to_contain_text("Skipped")
    expect(first).to_contain_text("asks for my card again")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Save and go on")


def test_a_topic_is_renamed_put_elsewhere_and_split_by_key_and_box(open_page, sign_in):
    page = sign_in(open_page(), following=f"/board/topics/{seed.topic_id(6)}")
    page.keyboard.press("n")
    expect(page.locator("#rename-en")).to_be_focused()
    page.locator("#rename-en").fill("Slow on cheap telephones")
    page.get_by_role("button", name="Save the names").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Slow on cheap telephones")
    page.keyboard.press("r")
    expect(page.locator("#override-place")).to_be_focused()
    page.keyboard.type("2")
    page.locator("#override-reason").fill("Elections")
    page.get_by_role("button", name="Put it there").click()
    expect(page.get_by_text("Put at place 2 by hand:")).to_be_visible()
    for box in page.locator("[name=texts]").all()[:2]:
        box.check()
    page.locator("#split-en").fill("List loads slowly")
    page.locator("#split-ur").fill("فہرست دیر سے کھلتی ہے")
    page.get_by_role("button", name="Split the ticked out").click()
    expect(page.locator("#told")).to_contain_text("a topic of their own now")
    page.get_by_role("link", name="Open the other topic").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("List loads slowly")


def test_without_scripts_topics_are_merged_and_a_release_asks_before_it_ships(open_page, sign_in, complaints):
    page = sign_in(open_page(java_script_enabled=False))
    for name in ("Forms in Urdu are wanted", "How to change the district"):
        page.get_by_label(f"Tick {name} to merge it").check()
    page.get_by_role("button", name="Merge the ticked").click()
    expect(page.get_by_text("Merged, 1 into:")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.goto("/board/releases")
    page.get_by_role("link", name="3.6.0").click()
    page.get_by_role("button", name="Ship it and tell people").click()
    expect(page.get_by_text("Not shipped: tick that it is out")).to_be_visible()
    assert [said for said in complaints if "422" not in said] == []
    complaints.clear()


def test_a_list_leaves_as_a_file(open_page, sign_in):
    page = sign_in(open_page(), following="/board?type=bug")
    with page.expect_download() as begun:
        page.get_by_role("link", name="This list as CSV").click()
    text = begun.value.path().read_text(encoding="utf-8-sig")
    assert re.findall(r'"(t-[0-9a-f]{16})","bug"', text) == [
        seed.topic_id(number) for number in (1, 3, 4, 10)
    ]
