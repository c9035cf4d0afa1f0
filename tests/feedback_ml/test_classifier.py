"""The shipped model: quick, small, alone with the standard library, and right on plain cases."""

import functools
import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.classifier import MODEL, TYPES, Classifier
from schemas.feedback import Labels

ROOT = Path(__file__).parents[2]


def test_the_shipped_model_is_at_most_five_megabytes():
    assert MODEL.stat().st_size <= 5_000_000


def test_the_shipped_model_loads_quickly():
    def seconds() -> float:
        began = time.perf_counter()
        Classifier.load()
        return time.perf_counter() - began

    # The best of five: another program on a shared core is not the model's fault.
    assert min(seconds() for _ in range(5)) <= 0.1


def test_thousands_of_texts_a_second_are_labelled_one_by_one(classifier):
    texts = [
        f"the app crashes whenever I open the camera, version {n}, please fix it soon" for n in range(500)
    ]

    def seconds():
        began = time.process_time()
        for text in texts:
            classifier.label(text, rating=1)
        return time.process_time() - began

    # The best of three: another program on a shared core is not the model's fault.
    assert 500 / min(seconds() for _ in range(3)) > 1_500


def test_labelling_loads_nothing_outside_the_standard_library():
    program = (
        "import sys; from feedback_ml.classifier import Classifier; Classifier.load().label('crash'); "
        "print(sorted({'pydantic', 'numpy', 'sklearn', 'scipy', 'schemas'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The app crashes as soon as I open it", "bug"),
        ("OTP nahi aa raha", "bug"),
        ("لاگ اِن نہیں ہو رہا", "bug"),
        ("bahut slow chal raha hai", "performance"),
        ("Please add a dark mode", "feature_request"),
        ("رشوت مانگی گئی", "service_complaint"),
        ("How much is the fee for a certificate?", "question"),
        ("zabardast app, shukriya", "praise"),
        ("server is not responding", "bug"),
        ("او ٹی پی نہیں آیا", "bug"),
        ("login nahi ho raha", "bug"),
        ("app band ho jata hai", "bug"),
        ("پی ایس آئی ڈی جنریٹ نہیں ہورہی", "bug"),
        ("paisay kat gaye", "bug"),
        ("پرنٹنگ اور ڈلیوری میں تاخیر", "service_complaint"),
        ("helpline jawab nahi deti", "service_complaint"),
        ("koi jawab nahi de raha", "service_complaint"),
    ],
)
def test_plain_cases_get_their_type_in_every_language(classifier, text, kind):
    assert classifier.label(text).type == kind


def test_a_prediction_makes_the_labels_of_the_schema(classifier):
    prediction = classifier.label("paise kat gaye magar fees unpaid hai", title="bekar", rating=1)
    labels = Labels(**asdict(prediction))
    assert labels.types[0] == labels.type
    assert (labels.sentiment, labels.language) == ("negative", "ur-Latn")


def test_the_reasons_are_words_of_the_text(classifier):
    text = "the verification code does not arrive"
    why = classifier.label(text).why
    assert why
    assert all(word in text for reason in why for word in reason.split())


@pytest.mark.parametrize(
    ("rating", "kind", "sentiment", "severity"),
    [
        (5, "praise", "positive", 1),
        (1, "other", "negative", 3),
        (3, "other", "neutral", 1),
        (None, "other", "neutral", 1),
    ],
)
@pytest.mark.parametrize("text", ["", "  ", "..."])
def test_a_rating_alone_is_judged_by_its_stars(classifier, text, rating, kind, sentiment, severity):
    told = classifier.label(text, rating=rating)
    assert (told.type, told.sentiment, told.severity, told.language) == (kind, sentiment, severity, "en")


def test_few_stars_make_the_sentiment_of_plain_words_darker(classifier):
    order = ["negative", "neutral", "positive"]
    low, high = (classifier.label("it opens", rating=stars).sentiment for stars in (1, 5))
    assert order.index(low) < order.index(high)


@functools.cache
def _shipped() -> Classifier:
    return Classifier.load()


@given(st.text(st.characters(), max_size=80), st.sampled_from([None, 1, 3, 5]))
def test_any_text_gets_lawful_labels(text, rating):
    told = _shipped().label(text, rating=rating)
    assert told.type in TYPES
    assert told.types[0] == told.type
    assert 1 <= told.severity <= 5
    assert 0 <= told.confidence <= 1


def test_the_memory_of_spellings_does_not_grow_without_end(monkeypatch):
    monkeypatch.setattr("feedback_ml.linear._REMEMBERED_WORDS", 3)
    small = Classifier.load()
    for word in ("one", "two", "three", "four", "five"):
        small.label(word)
    assert len(small._matters._spelling) <= 3


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("OTP nahi aa raha", "sign_in"),
        ("لائسنس کی پرنٹنگ میں تاخیر", "licences"),
        ("challan ki fees pay nahi ho rahi", "payments"),
        ("the clerk at the Khidmat Markaz counter was rude", "centres"),
        ("great work", "none"),
    ],
)
def test_plain_cases_get_their_area(classifier, text, area):
    assert classifier.label(text).area == area


@pytest.mark.parametrize(
    "text",
    [
        "a man with a gun is outside my door, send police now",
        "koi mera peecha kar raha hai, bohat dar lag raha hai, jaldi madad bhejo",
        "میرا شوہر مجھے مار رہا ہے، بچاؤ",
    ],
)
def test_somebody_at_risk_now_is_danger_and_the_worst(classifier, text):
    told = classifier.label(text)
    assert (told.danger, told.severity) == (True, 5)


@pytest.mark.parametrize(
    "text",
    ["this app is killing my battery", "OTP nahi aa raha subah se", "certificate ki fees kitni hai"],
)
def test_figures_of_speech_and_plain_matters_are_no_danger(classifier, text):
    assert not classifier.label(text).danger


def test_a_guess_below_its_threshold_abstains(classifier):
    model = json.loads(MODEL.read_bytes()) | {"abstain_below": [1.01] * len(TYPES)}
    told = Classifier(model).label("the app crashes")
    assert told.abstained
    assert told.type == classifier.label("the app crashes").type


def test_the_lead_is_small_where_the_text_says_little(classifier):
    assert classifier.margin("kuch") < classifier.margin("the app crashes as soon as I open it, fix this bug")


def test_missed_vocabulary_is_counted_by_words(classifier):
    assert classifier.missed("the app crashes") == 0
    assert classifier.missed("qwxzv jkvbq") == 1
    assert classifier.missed("!!") == 0


def test_a_model_of_another_format_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"format": 0, "types": list(TYPES)}))
    with pytest.raises(ValueError, match="train it again"):
        Classifier.load(path)


def test_a_model_with_missing_weights_is_refused(tmp_path):
    model = json.loads(MODEL.read_bytes())
    model["matters"]["blocks"]["words"]["terms"].pop()
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    with pytest.raises(ValueError, match="rows of weights"):
        Classifier.load(path)
