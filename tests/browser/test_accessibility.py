"""axe-core on every page, in both languages, in light and in dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import seed

pytestmark = pytest.mark.browser
TOPIC, MEASURED = f"/board/topics/{seed.topic_id(1)}", f"/board/topics/{seed.topic_id(4)}"
OTHERS = ("/board/roadmap", "/board/releases", "/board/labels", "/changelog")
PAGES = ("/", "/board", TOPIC, MEASURED, "/docs", *OTHERS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(open_page, sign_in, address, language, scheme):
    page = sign_in(open_page(color_scheme=scheme))
    page.goto(f"{address}?lang={language}")
    if address == "/board":
        page.locator("[data-why]").first.click()
        page.locator(".why-open").wait_for()
    for summary in page.locator("main summary").all():
        summary.evaluate("each => { each.parentElement.open = true }")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_where_a_field_is_wrong(open_page, sign_in, complaints):
    page = sign_in(open_page(), following=TOPIC)
    page.get_by_label("Change to").select_option("declined")
    page.get_by_role("button", name="Save the decision").click()
    page.locator(".fault").wait_for()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    complaints.clear()


OFFICER = "Sub-divisional officer, Civil Lines"


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize(
    ("address", "scheme"), [("/supervision", "light"), ("/desk", "dark"), ("/desk", "light")]
)
def test_axe_finds_nothing_on_the_officers_pages(open_page, sign_in, address, scheme, language):
    page = sign_in(open_page(color_scheme=scheme), name=OFFICER, following="/desk")
    page.goto(f"{address}?lang={language}")
    if address == "/desk":
        page.locator("[data-open]").first.click()
        page.locator("#case-title").wait_for()
        page.keyboard.press("t")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_promises_kept_on_a_telephone(open_page, sign_in):
    page = open_page(viewport={"width": 390, "height": 844})
    sign_in(page, name=OFFICER, following="/supervision/promises")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_axe_finds_nothing_on_the_page_for_those_who_may_not(open_page, sign_in, complaints):
    page = sign_in(open_page(), name="District officer, Lahore")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    complaints.clear()


def test_axe_finds_nothing_on_a_telephone(open_page, sign_in):
    page = sign_in(open_page(viewport={"width": 390, "height": 844}))
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
