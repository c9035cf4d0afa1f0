"""A new text joins the nearest topic at once, or waits for the night."""

import json
import subprocess
import sys
import time

import pytest

from feedback_ml.assigning import Assigner, CentresError, centre_of, centres_of
from feedback_ml.topics import GroupItem


def _items(texts, kind="bug", area=""):
    return [
        GroupItem(f"{kind}{area}{n}", text, kind, lang, area=area) for n, (text, lang) in enumerate(texts)
    ]


TOPICS = {
    "code": _items([("OTP does not arrive", "en"), ("OTP nahi aaya", "ur-Latn"), ("او ٹی پی نہیں آیا", "ur")], area="sign_in"),
    "slip": _items([("payment slip is not generated", "en"), ("PSID nahi banta", "ur-Latn"), ("پی ایس آئی ڈی نہیں بنتی", "ur")], area="payments"),
    "dark": _items([("please add a dark mode", "en"), ("dark mode chahiye", "ur-Latn")], "feature_request", "app"),
}  # fmt: skip


@pytest.fixture(scope="module")
def centres():
    return json.loads(json.dumps(centres_of(TOPICS)))


@pytest.fixture(scope="module")
def assigner(centres):
    return Assigner(centres)


@pytest.mark.parametrize(
    ("text", "kind", "area", "topic"),
    [
        ("I never received the verification code", "bug", "sign_in", "code"),
        ("تصدیقی کوڈ موصول نہیں ہوا", "bug", "sign_in", "code"),
        ("challan number generate nahi ho raha", "bug", "payments", "slip"),
        ("ڈارک موڈ شامل کریں", "feature_request", "app", "dark"),
        ("OTP nahi aya", "", "", "code"),
    ],
)
def test_a_new_text_joins_the_topic_it_is_of_whatever_its_script(assigner, text, kind, area, topic):
    nearest = assigner.nearest(text, kind, area)
    assert nearest is not None
    assert nearest[0] == topic
    assert 0.25 <= nearest[1] <= 1


def test_a_text_of_something_else_fits_nowhere(assigner):
    assert assigner.nearest("the queue at the counter is very long", "service_complaint", "centres") is None


@pytest.mark.parametrize("text", ["", "!!!", "zebra giraffe"])
def test_type_and_area_alone_make_nothing_fit(assigner, text):
    assert assigner.nearest(text, "bug", "sign_in") is None


def test_centres_of_another_form_are_refused(centres):
    for wrong in ({**centres, "form": 2}, {}, []):
        with pytest.raises(CentresError, match="form"):
            Assigner(wrong)


def test_a_topic_without_texts_has_no_centre():
    assert centres_of({"empty": []})["topics"] == []
    assert Assigner(centres_of({})).nearest("OTP nahi aaya") is None


def test_a_centre_is_a_unit_vector_of_its_heaviest_terms():
    centre = centre_of("t", [{"a": 1.0}, {"a": 0.6, "b": 0.8}])
    assert sum(value**2 for value in centre.terms.values()) == pytest.approx(1, abs=1e-3)
    assert list(centre.terms) == ["a", "b"]
    assert centre_of("t", []).terms == {}
    assert len(centre_of("t", [{str(n): 1.0 for n in range(500)}]).terms) == 80


def test_two_thousand_texts_a_second_are_assigned(assigner):
    texts = [f"OTP nahi aaya {n} dafa try kiya hai bhai" for n in range(1_000)]
    begun = time.process_time()
    for text in texts:
        assigner.nearest(text, "bug", "sign_in")
    assert time.process_time() - begun < 0.5


def test_assigning_needs_the_standard_library_alone():
    code = (
        "import sys; from feedback_ml.assigning import Assigner, centres_of; "
        "Assigner(centres_of({})).nearest('OTP nahi aaya'); "
        "sys.exit(any(name in sys.modules for name in ('numpy', 'scipy', 'sklearn')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
