"""The page of models, through the handler Lambda calls."""

from __future__ import annotations

import html
import re

import pytest

from functions import model_view
from functions.domain import champion
from functions.storage import models as store
from schemas.models import Compared, Drift, Shifted
from tests import models as made
from tests.factories import NOON
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables")
PAGE = "/board/models"


@pytest.fixture(autouse=True)
def _shipped(monkeypatch):
    monkeypatch.setattr(champion, "shipped", made.classifier)


def offer(number=1, upload=True, **changes):
    store.offer(made.new(number, **changes), NOON, "owner-1")
    if upload:
        made.upload(number)
    return made.name(number)


def promote(number=1, version=0, part=False, **fields):
    return post(f"{PAGE}/{made.name(number)}/promote", {"version": str(version), **fields}, part=part)


def roll_back(version=1, part=False, **fields):
    return post(f"{PAGE}/rollback", {"version": str(version), **fields}, part=part)


def worse(number=1):
    reasons = ("worse in ur: 0.810 -> 0.780",)
    return offer(number, report=made.report(number, better=False, reasons=reasons))


def drifted(app="pk.khidmat.app", alarms=("types",), **changes):
    level = Shifted(psi=0.31, js=0.04, before={"bug": 0.9, "praise": 0.1}, after={"bug": 0.6, "praise": 0.4})
    quiet = Shifted(psi=0.01, js=0.0, before={"en": 1.0}, after={"en": 1.0})
    given = {
        "app": app, "as_of": NOON, "texts_before": 1300, "texts_after": 80, "measured": True,
        "missed_before": 0.02, "missed_after": 0.03, "types": level, "languages": quiet, "alarms": alarms,
    }  # fmt: skip
    store.save_drift(Drift.model_validate(given | changes))


def words_of(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_at_first_the_model_that_came_with_the_software_labels_and_none_is_offered():
    text = words_of(get(PAGE).text)

    assert f"Labels now {made.name(0)} came with the software" in text
    assert "No other model is offered" in text
    assert "was never replaced" in text
    assert "Not measured yet" in text
    assert "کوئی اور ماڈل پیش نہیں ہوا" in get(f"{PAGE}?lang=ur").text


def test_a_challenger_stands_there_with_every_figure_and_the_paired_test():
    languages = {"ur": Compared(texts=90, champion=0.81, challenger=0.78), "en": made.report().types}
    offer(report=made.report(languages=languages))
    text = words_of(get(PAGE).text)

    assert "measured better" in text
    assert "+0.050 95 %: \u2066+0.020\u2069 to \u2066+0.080\u2069" in text
    assert "Paired test: \u2066p = 0.0010 (bootstrap), 0.0020 (McNemar)\u2069." in text
    assert "English 400 0.800 0.850 +0.050 Urdu 90 0.810 0.780 −0.030" in text
    assert "Danger, recall" in text


def test_a_better_one_is_promoted_by_button_and_undone_by_another():
    name = offer()
    reply = promote(reason="Urdu is better")
    after = get(reply.headers["location"]).text
    undone = roll_back(version=1, reason="Undone right away")

    assert (reply.status, reply.headers["location"]) == (303, f"{PAGE}?changed=1")
    assert f"{name}\u2069 labels from now on" in html.unescape(after)
    assert "Undo: back to" in after
    assert "Urdu is better" in after
    assert undone.status == 303
    assert f"Labels now {made.name(0)}" in words_of(get(PAGE).text)


def test_in_place_the_answer_is_the_part_alone_and_is_said_aloud():
    offer()
    reply = promote(part=True)

    assert reply.status == 200
    assert "<html" not in reply.text
    assert '<div id="said" hx-swap-oob="innerHTML">Done.' in reply.text


def test_what_is_not_better_shows_why_and_is_promoted_only_with_a_reason():
    worse()
    page = get(PAGE).text
    without, plain, forced = promote(force="yes"), promote(), promote(force="yes", reason="Urdu is rare")

    assert "worse in ur: 0.810 -&gt; 0.780" in page
    assert "Promote all the same" in page
    assert without.status == 422
    assert "Write why, in a few words" in without.text
    assert (plain.status, "worse in ur" in plain.text) == (409, True)
    assert forced.status == 303
    assert "promoted though not measured better" in get(PAGE).text


def test_one_measured_against_a_former_champion_is_called_out_of_date():
    offer(1)
    offer(2)
    promote(1)
    page = get(PAGE).text

    assert f"measured against \u2066{made.name(0)}\u2069, which labels no more" in html.unescape(page)
    assert "Promote all the same" in page


def test_a_file_that_never_came_is_said_and_the_reason_kept():
    offer(upload=False)
    reply = promote(reason="It looks good")

    assert reply.status == 409
    assert "Not done." in reply.text
    assert ">It looks good</textarea>" in reply.text


def test_a_roll_back_needs_a_reason_and_something_to_return_to():
    nothing = roll_back(version=0, reason="All is a bug")
    offer()
    promote()
    without = roll_back(version=1, reason="  ")

    assert nothing.status == 409
    assert without.status == 422
    assert 'id="reason-rollback-fault"' in without.text
    assert store.pointer().champion == made.name(1)


def test_who_reads_an_old_page_promotes_nothing_and_is_told():
    offer(1)
    offer(2, report=made.report(2))
    promote(1)
    reply = promote(2, version=0, reason="Mine", force="yes")

    assert reply.status == 409
    assert "somebody changed the champion while you were reading" in reply.text
    assert ">Mine</textarea>" in reply.text
    assert store.pointer().champion == made.name(1)


def test_drift_shows_alarms_first_and_what_moved_most():
    drifted("a.quiet.app", alarms=())
    drifted("z.shifted.app")
    drifted("b.small.app", alarms=(), measured=False, texts_after=3)
    page = get(PAGE).text
    text = words_of(page)

    assert page.index("z.shifted.app") < page.index("a.quiet.app")
    assert "types shifted" in text
    assert "steady" in text
    assert "too few texts to say" in text
    assert "bug 90 → 60 %" in text
    assert "1,300 → 80" in text


def test_auditors_read_and_are_given_no_button():
    offer()
    page = get(PAGE, role="auditor").text

    assert "product owners promote and roll back" in page
    assert "/promote" not in page
    for url in (f"{PAGE}/{made.name(1)}/promote", f"{PAGE}/rollback"):
        assert post(url, {"version": "0"}, role="auditor").status == 403
    assert get(PAGE, role="administrator").status == 403


def test_a_form_made_elsewhere_promotes_nothing():
    url = f"{PAGE}/{offer()}/promote"

    assert post(url, {"version": "0"}, csrf="").status == 403
    assert post(url, {"version": "0"}, origin="https://elsewhere.example").status == 403
    assert store.pointer().version == 0


def test_an_unknown_model_is_not_there():
    assert post(f"{PAGE}/m-ffffffffffff/promote", {"version": "0"}).status == 404
    assert post(f"{PAGE}/nothing/promote", {"version": "0"}).status == 404


def test_the_interval_is_drawn_on_a_scale_with_zero_in_the_middle():
    wide = model_view.interval(made.report(difference=0.05, low=-0.1, high=0.2))
    tiny = model_view.interval(made.report(difference=0.0, low=-0.001, high=0.001))

    assert 0 <= wide.low < 50 < wide.point < wide.high <= 100
    assert (tiny.point, tiny.most) == (50, 0.02)
    assert 45 < tiny.low < 50 < tiny.high < 55
