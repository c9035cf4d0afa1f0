"""The whole page, in both languages: whole, alone, and telling of nobody."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from feedback_ml.release_files import Entry
from feedback_ml.report import confusion, page, wording
from feedback_ml.report.findings import find
from feedback_ml.report.outcomes import weigh
from feedback_ml.report.page import Report
from tests.feedback_ml.report.reviews import END, OTP, Sayer, review, reviews

GOLD = [{"text": f"{text} {n}", "type": "bug"} for n in range(8) for text in OTP.values()]
CHANGELOG = (
    Entry("1.0", END - timedelta(days=300), ("First version",)),
    Entry("1.1", END - timedelta(days=20), ("The OTP code arrives again",)),
    Entry("9.9", END + timedelta(days=20), ("The OTP code arrives again",)),
)


def report(rows=None, entries=CHANGELOG, gold=GOLD):
    found = find(reviews(40) if rows is None else rows, Sayer())
    return Report(found, weigh(entries, found), confusion.judge(gold, Sayer()), ("a.csv",), 2)


class Outline(HTMLParser):
    """What a reader's software meets: ids, links, headings, tables, images and their names."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.levels, self.named, self.loads = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.named += given.get("aria-labelledby", "").split()
        self.loads += [tag] if tag in {"script", "img", "link", "iframe", "object"} else []
        self.loads += [given["src"]] if "src" in given else []


@pytest.fixture(scope="module")
def whole():
    return report()


@pytest.mark.parametrize("tongue", ["en", "ur"])
def test_the_page_stands_alone_and_holds_together(whole, tongue):
    html = page.html(whole, tongue=tongue)
    seen = Outline(html)
    assert seen.loads == []
    assert "url(" not in html
    assert "@import" not in html
    assert len(seen.ids) == len(set(seen.ids))
    assert {link[1:] for link in seen.links} <= set(seen.ids)
    assert set(seen.named) <= set(seen.ids)
    assert seen.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(seen.levels, seen.levels[1:], strict=False))
    assert f'<html lang="{tongue}" dir="{"rtl" if tongue == "ur" else "ltr"}">' in html


def test_it_shows_the_release_that_was_about_the_topic_and_none_that_is_to_come(whole):
    html = page.html(whole)
    assert ">1.1<" in html
    assert "9.9" not in html
    assert 'class="about"' in html


def test_quotes_are_in_their_script_and_say_which(whole):
    html = page.html(whole)
    assert re.search(r'<blockquote dir="auto" lang="(en|ur|ur-Latn|mul)">', html)


def test_nobody_is_named_and_nothing_written_becomes_markup():
    said = [
        review(n, "the otp code never arrives on 0300-1234567 <script>alert(1)</script>") for n in range(5)
    ]
    html = page.html(report(said), title="<i>Mine</i>")
    assert "1234567" not in html
    assert "<script>" not in html
    assert "&lt;i&gt;Mine" in html


def test_without_changelog_gold_or_topics_each_section_says_so():
    html = page.html(report([review(1, "thanks")], entries=(), gold=[]))
    for key in ("no_topics", "no_changelog"):
        assert wording.Words("en")(key) in html.replace("&#39;", "'")
    assert wording.Words("en")("no_gold", fewest=confusion.FEWEST) in html


def test_a_changelog_about_nothing_written_says_so():
    html = page.html(report(entries=(Entry("1.0", END - timedelta(days=30), ("New colours",)),)))
    assert wording.Words("en")("no_match") in html


def test_possible_calls_for_help_are_said_first_and_not_quoted():
    html = page.html(report([*reviews(), review(98, "he has a knife at the door")]))
    assert "possible calls for help" in html
    assert "knife" not in html


def test_every_word_is_there_in_both_languages_with_the_same_gaps():
    for key, said in wording._sentences().items():
        assert set(said) == {"en", "ur"}, key
        gaps = [set(re.findall(r"{(\w+)}", said[tongue])) for tongue in ("en", "ur")]
        assert gaps[0] == gaps[1], key


@pytest.mark.parametrize(
    ("count", "of", "dark"), [(0, 5, 0), (1, 100, 1), (100, 100, 5), (0, 0, 0), (50, 100, 3)]
)
def test_a_cell_is_as_dark_as_its_share(count, of, dark):
    assert page.shade(count, of) == dark


@pytest.mark.parametrize(
    ("group", "said"),
    [("language:ur", "Urdu"), ("district:LHR", "district LHR"), ("overseas:yes", "overseas"), ("x:1", "x 1")],
)
def test_a_group_hit_harder_is_named(group, said):
    assert wording.Words("en").group(group) == said


def test_ratios_are_readable():
    assert [wording.ratio(value) for value in (None, float("inf"), 0.5)] == ["–", "∞", "0.50"]
