"""Training, export and measuring: what scikit-learn says is what the classifier says."""

import json
from datetime import date

import numpy as np
import pytest

from feedback_ml import commands, examples, training
from feedback_ml.classifier import SENTIMENTS, TYPES, Classifier
from feedback_ml.concepts import concepts, paired
from feedback_ml.features import tokens
from feedback_ml.text import normalise

TEXTS = [
    "OTP nahi aa raha, login fails!",
    "لاگ اِن نہیں ہو رہا",
    "please add dark mode 😡",
    "kitni fees hai?",
    "thank you, very good",
]


@pytest.fixture(scope="module")
def some():
    return examples.phrases()[::5]


@pytest.fixture(scope="module")
def fitted(some):
    return training.train(some)


def test_exported_scores_equal_those_of_scikit_learn(some, fitted, tmp_path):
    path = tmp_path / "deep" / "classifier.json"
    assert training.write_model(fitted, path) == path.stat().st_size
    loaded = Classifier.load(path)
    asked = [
        examples.Example(normalise(text), "en", text, (0,) * len(TYPES), rating=rating)
        for text in TEXTS
        for rating in (None, 1)
    ]
    features, idf = training.matrix(some, fitted.terms)
    scaled = fitted.rows[:, :-1] / np.sqrt(fitted.rows[:, -1:])
    rows, _ = training.matrix(asked, fitted.terms, idf)
    expected = rows @ scaled + np.array(fitted.bias)
    for example, row in zip(asked, expected, strict=True):
        got = loaded.scores(example.normal, rating=example.rating)
        assert np.allclose([*got.types, *got.sentiments], row, atol=1e-6)
    assert features.shape[0] == len(some)


def test_a_fitted_type_scores_its_own_linear_model(some):
    terms = training.choose_terms(some)
    features, _ = training.matrix(some, terms)
    targets = np.array([example.targets for example in some])
    weights = np.ones(len(some))
    weight, bias = training.fit_one(features, targets[:, 0], weights)
    right = ((features @ weight + bias) > 0) == (targets[:, 0] == 1)
    assert right.mean() > 0.95


def test_training_twice_gives_the_same_model(some, fitted):
    assert training.as_model(training.train(some)) == training.as_model(fitted)


def test_an_unknown_target_teaches_nothing(some):
    features, _ = training.matrix(some, training.choose_terms(some))
    targets = np.array([example.targets for example in some])[:, 0]
    masked = targets.copy()
    masked[::2] = examples.UNKNOWN
    half, _ = training.fit_one(features[1::2], targets[1::2], np.ones(len(targets[1::2])))
    same, _ = training.fit_one(features, masked, np.ones(len(masked)))
    assert np.allclose(half, same, atol=1e-4)


def test_thresholds_stay_between_their_limits(some):
    scores = np.random.default_rng(0).normal(size=(len(some), len(TYPES)))
    cuts = training.choose_thresholds(scores, np.array([e.targets for e in some]), np.ones(len(some)))
    assert ((cuts >= training.SMALLEST_THRESHOLD - 1e-9) & (cuts <= training.LARGEST_THRESHOLD + 1e-9)).all()


def test_confidence_without_a_mistake_to_learn_from_stays_plain():
    scores = np.array([[2.0, -1.0], [-1.0, 2.0]])
    assert training.fit_confidence(scores, np.array([[1, 0], [0, 1]]), np.array([0.5, 0.5])) == (1.0, 0.0)


def test_weights_that_do_not_fill_rows_are_refused(fitted):
    broken = training.Fitted(
        fitted.terms, fitted.rows[:, :-1], fitted.bias, fitted.thresholds, fitted.confidence
    )
    with pytest.raises(ValueError, match="do not fill"):
        training.as_model(broken)


def test_the_phrases_cover_every_type_in_every_language():
    own = examples.phrases()
    assert len(own) >= 1_000
    counts = {(example.language, example.targets.index(1)) for example in own}
    assert len(counts) == 4 * len(TYPES)
    assert len({example.normal for example in own}) == len(own)


def test_phrases_of_one_area_are_one_group_in_every_language():
    groups = {example.group for example in examples.phrases()}
    assert "area:payments" in groups
    assert sum(name.startswith("none:other:") for name in groups) >= 5


def _review(**fields):
    return {"id": "1", "title": "", "text": "it broke", "rating": 1, "labels": ["Bug"], **fields}


def _public(folder, reviews):
    folder.mkdir(exist_ok=True)
    (folder / "app_reviews_types.jsonl").write_text("\n".join(map(json.dumps, reviews)) + "\n")
    moods = [{"text": f"bohat acha kaam {n}", "sentiment": "positive"} for n in range(9)]
    moods += [{"text": f"bohat bura kaam {n}", "sentiment": "negative"} for n in range(9)]
    (folder / "roman_urdu_sentiment.jsonl").write_text("\n".join(map(json.dumps, moods)) + "\n")
    urdu = [
        {"text": f"{word} ہے {n}", "sentiment": mood}
        for n in range(6)
        for word, mood in (("اچھا", "pos"), ("برا", "neg"), ("ایک", "neu"))
    ]
    (folder / "urdu_product_sentiment.jsonl").write_text("\n".join(map(json.dumps, urdu)) + "\n")
    return folder


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({}, {"bug": 1, "praise": 0, "usability": -1}),
        ({"text": "so slow it hangs"}, {"bug": -1, "performance": -1}),
        ({"labels": ["Rating"], "rating": 5, "text": "great"}, {"praise": 1, "other": 0}),
        ({"labels": ["Rating"], "rating": 1, "text": "bad"}, {"other": 1, "praise": 0}),
        ({"labels": ["Rating"], "rating": 3, "text": "fine"}, {"other": -1}),
        (
            {"labels": ["UserExperience"], "rating": 2, "text": "i use it daily"},
            {"usability": -1, "other": -1},
        ),
        ({"labels": ["Feature"], "text": "can you add more?"}, {"feature_request": 1, "question": -1}),
    ],
)
def test_the_reviews_labels_become_ours_or_stay_unknown(tmp_path, fields, known):
    (example,) = examples.reviews(_public(tmp_path, [_review(**fields)]))
    targets = dict(zip(TYPES, example.targets, strict=True))
    assert {name: targets[name] for name in known} == known


def test_stars_give_the_sentiment_of_a_review(tmp_path):
    found = examples.reviews(_public(tmp_path, [_review(rating=stars) for stars in (1, 3, 5, None)]))
    assert [example.sentiment for example in found] == [0, 1, 2, None]


def test_moods_teach_sentiment_and_no_type(tmp_path):
    moods = examples.moods(_public(tmp_path, []))
    assert {SENTIMENTS[example.sentiment] for example in moods} == set(SENTIMENTS)
    assert all(set(example.targets) == {examples.UNKNOWN} for example in moods)


def test_the_train_command_measures_and_writes_model_and_card(tmp_path, monkeypatch):
    monkeypatch.setattr(examples, "phrases", lambda own=examples.phrases: own()[::3])
    rng = np.random.default_rng(1)
    words = {
        "Bug": "crash error broken",
        "Feature": "please add option",
        "Rating": "great love it",
        "UserExperience": "i use it daily",
    }
    reviews = [
        _review(
            text=f"{words[label]} {rng.integers(1000)} {n}",
            labels=[label],
            rating=int(rng.integers(1, 6)),
            title="x",
        )
        for n in range(25)
        for label in words
    ]
    told = list(commands.train(_public(tmp_path / "data", reviews), tmp_path, day=date(2026, 1, 31)))
    card = (tmp_path / "CARD.md").read_text()
    assert "2026-01-31" in card
    assert "UserExperience" in card
    assert "Roman Urdu sentiment" in card
    assert any(line.startswith("phrases: ") for line in told)
    assert Classifier.load(tmp_path / "classifier.json").label("app bohat slow hai").type == "performance"


def test_measuring_without_public_sets_measures_the_phrases_alone(monkeypatch):
    monkeypatch.setattr(examples, "phrases", lambda own=examples.phrases: own()[::4])
    told = list(commands.evaluate(None))
    assert {line.split(":")[0] for line in told} == {"phrases", "by_type", "confidence"}


def test_words_of_an_example_hold_its_concepts(some):
    example = next(one for one in some if "otp" in one.normal)
    found = training.words_of(example)
    assert set(paired(concepts(tokens(example.normal)))) <= set(found)
