from collections import Counter
from datetime import timedelta

import pytest

from functions.domain import drift
from functions.storage import feedback as store
from functions.storage import models
from tests import factories
from tests.factories import NOON

APP = "pk.khidmat.app"


class Reader:
    """Knows every word but those that begin with zq."""

    def missed(self, text, title=""):
        words = f"{title} {text}".split()
        return sum(word.startswith("zq") for word in words) / len(words)


def put(count, days_ago, *, first=0, text="the code never arrives", app=APP, **said):
    rows = []
    for number in range(first, first + count):
        at = NOON - timedelta(days=days_ago[number % len(days_ago)])
        sent = factories.feedback(f"{days_ago[0]}-{number}", text=text, written_at=at, app=app)
        rows.append(store.Labelled(sent, factories.labels(**said), "digest"))
    store.register(app, {store.month_of(row.feedback) for row in rows})
    store.put_many(rows)


BEFORE, AFTER = range(20, 100), range(1, 13)


def measured(app=APP):
    return drift.measure(app, NOON, Reader())


@pytest.mark.usefixtures("tables")
def test_what_stays_as_it_was_rings_nothing():
    put(220, BEFORE)
    put(60, AFTER)
    found = measured()

    assert (found.texts_before, found.texts_after, found.measured) == (220, 60, True)
    assert (found.types.psi, found.types.js, found.missed_after) == (0.0, 0.0, 0.0)
    assert found.alarms == ()


@pytest.mark.usefixtures("tables")
def test_other_types_other_languages_and_new_words_ring_each_for_itself():
    put(220, BEFORE)
    put(40, AFTER)
    put(20, AFTER, first=40, type="praise", types=("praise",), language="ur", text="zqnew zqword here")
    found = measured()

    assert found.alarms == ("missed_words", "types", "languages")
    assert found.types.after == {"bug": 0.6667, "praise": 0.3333}
    assert found.missed_after == pytest.approx(20 / 60 * 2 / 3, abs=1e-3)


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(("before", "after"), [(199, 60), (220, 49), (0, 0)])
def test_too_few_texts_ring_nothing(before, after):
    put(before, BEFORE) if before else None
    put(after, AFTER, type="praise", text="zqnew") if after else None
    found = measured()

    assert (found.measured, found.alarms) == (False, ())


@pytest.mark.usefixtures("tables")
def test_days_outside_the_windows_are_not_counted():
    put(3, [105])
    put(3, [104], first=3)
    put(3, [15], first=6)
    put(3, [14], first=9)
    put(3, [-1], first=12)
    found = measured()

    assert (found.texts_before, found.texts_after) == (6, 3)


@pytest.mark.usefixtures("tables")
def test_the_night_measures_every_app_and_keeps_it(monkeypatch):
    put(220, BEFORE)
    put(60, AFTER, type="praise")
    put(5, AFTER, app="another.app")
    watched = drift.watch(NOON, Reader())

    assert watched == drift.Watched(apps=2, alarmed=1, finished=True)
    assert [each.app for each in drift.of_apps(None)] == ["another.app", APP]
    (own,) = drift.of_apps(APP)
    assert own.alarms == ("types",)
    assert drift.watch(NOON, Reader()) == watched
    assert len(models.drifts()) == 2


@pytest.mark.usefixtures("tables")
def test_a_night_without_time_says_so():
    put(5, AFTER)

    assert drift.watch(NOON, Reader(), has_time=lambda: False).finished is False


def test_the_index_is_that_of_the_books():
    """Of 50:50 to 75:25: (0.25) ln 1.5 + (-0.25) ln 0.5 = 0.2747."""
    found = drift.shifted(Counter(a=50, b=50), Counter(a=75, b=25))

    assert found.psi == pytest.approx(0.2747, abs=1e-4)
    assert found.js == pytest.approx(0.0488, abs=1e-4)


def test_all_of_one_against_all_of_another_is_one_bit():
    assert drift.shifted(Counter(a=9), Counter(b=3)).js == 1.0


def test_nothing_before_is_no_shift():
    assert drift.shifted(Counter(), Counter(a=3)).psi == 0.0


def test_of_very_many_texts_a_part_spread_over_the_days_is_read(monkeypatch):
    monkeypatch.setattr(drift, "READ_AT_MOST", 10)
    window = drift.Window()
    for number in range(100):
        window.add(store.Labelled(factories.feedback(text=str(number)), factories.labels(), "digest"))

    assert window.texts == 100
    assert len(window.said) <= 11
    assert int(window.said[-1][0]) > 85
