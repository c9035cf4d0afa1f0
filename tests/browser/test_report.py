"""The report in a real browser: opened from a file, in both languages, on a telephone and a desk, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from feedback_ml.report import confusion, page
from feedback_ml.report.findings import find
from feedback_ml.report.outcomes import weigh
from feedback_ml.report.page import Report
from tests.feedback_ml.report.reviews import END, OTP, Sayer, review, reviews
from tests.feedback_ml.report.test_page import CHANGELOG

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """The page of invented reviews, a file for each language."""
    rows = [*reviews(60), *(review(100 + n, "he has a knife", days_ago=n) for n in range(3))]
    found = find(rows, Sayer())
    lines = [{"text": f"{text} {n}", "type": "bug"} for n in range(8) for text in OTP.values()]
    made = Report(found, weigh(CHANGELOG, found), confusion.judge(lines, Sayer()), ("a.csv",), 1)
    assert made.found.as_of == END
    folder = tmp_path_factory.mktemp("report")
    files = {}
    for tongue in ("en", "ur"):
        file = folder / f"{tongue}.html"
        file.write_text(page.html(made, tongue=tongue), encoding="utf-8")
        files[tongue] = file.as_uri()
    return files


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("tongue", ["en", "ur"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browser, addresses, tongue, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked = []
    try:
        opened = context.new_page()
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(addresses[tongue])
        for closed in opened.locator("summary").all():
            closed.click()
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(opened)
        assert found.violations_count == 0, found.generate_report()
        assert asked == [addresses[tongue]]
    finally:
        context.close()
