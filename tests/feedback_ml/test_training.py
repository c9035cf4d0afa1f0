"""Training, export and measuring: what scikit-learn says is what the classifier says."""

import json
from datetime import date

import numpy as np
import pytest

from feedback_ml import commands, examples, gold, measures, teaching, training
from feedback_ml.classifier import COLUMNS, SENTIMENTS, TYPES, Classifier
from feedback_ml.concepts import concepts, paired
from feedback_ml.features import tokens
from feedback_ml.linear import Linear, read
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
    return examples.phrases()[::8]


@pytest.fixture(scope="module")
def fitted(some):
    """Features, the space they lie in, weights and biases of all columns."""
    features, space = training.matrix(some, training.choose_terms(some))
    targets = np.array([example.targets for example in some])
    return features, space, *training.fit_columns(features, targets, np.ones(len(some)))


@pytest.mark.parametrize("precision", ["f", "d"])
def test_exported_scores_equal_those_of_scikit_learn(fitted, precision):
    _, space, coefficients, bias = fitted
    exported = training.export(space, COLUMNS, coefficients, bias, precision=precision)
    linear = Linear(json.loads(json.dumps(exported)))
    for text in TEXTS:
        for rating in (None, 1):
            asked = examples.Example(normalise(text), "en", text, (), rating=rating)
            row, _ = training.matrix([asked], space.terms, space)
            expected = (row @ coefficients + bias)[0]
            # A 32-bit float has seven figures; a score is a sum of some hundred of them.
            tolerance = 1e-6 if precision == "d" else 1e-5
            assert np.allclose(linear.scores(read(text), rating), expected, atol=tolerance)


def test_the_shipped_weights_score_as_scikit_learn_does_with_them():
    """To 1e-6: the same 32-bit weights given back to scikit-learn's own decision function."""
    from sklearn.linear_model import LogisticRegression

    model = json.loads((gold.GOLD.parent / "model" / "classifier.json").read_bytes())
    shipped = Classifier(model)
    space, coefficients = _unpacked(model["matters"])
    machine = LogisticRegression()
    machine.coef_, machine.intercept_ = coefficients.T, np.array(model["matters"]["bias"])
    machine.classes_ = np.arange(len(COLUMNS))
    for row in gold.read(gold.GOLD)[::40]:
        asked = examples.Example(normalise(row["text"]), "en", "", ())
        features, _ = training.matrix([asked], space.terms, space)
        got = shipped.scores(row["text"])
        expected = machine.decision_function(features)[0]
        assert np.allclose([*got.types, *got.areas, got.danger], expected, atol=1e-6)


def _unpacked(model):
    import base64

    terms, idf, parts = {}, {}, []
    for name in training.BLOCKS:
        block = model["blocks"][name]
        rows = np.frombuffer(base64.b64decode(block["weights"]), "<f4").reshape(len(block["terms"]), -1)
        terms[name], idf[name] = tuple(block["terms"]), np.sqrt(rows[:, -1].astype(float))
        parts.append(rows[:, :-1] / (idf[name] * training.EMPHASIS[name])[:, None])
    return training.Space(terms, idf), np.vstack(parts)


def test_a_fitted_type_scores_its_own_linear_model(some, fitted):
    features, _, coefficients, bias = fitted
    targets = np.array([example.targets for example in some])
    right = ((features @ coefficients + bias)[:, 0] > 0) == (targets[:, 0] == 1)
    assert right.mean() > 0.95


def test_the_weightiest_terms_are_kept_and_all_marks(fitted):
    _, space, coefficients, _ = fitted
    kept = training.weightiest(space, coefficients, 500)
    assert kept["marks"] == space.terms["marks"]
    assert sum(map(len, kept.values())) == 500
    assert set(kept["words"]) < set(space.terms["words"])


def test_teaching_twice_gives_the_same_model_under_the_same_name(some, monkeypatch):
    monkeypatch.setattr(teaching, "MOST_TERMS", 2_000)
    monkeypatch.setattr(teaching, "MOST_MOOD_TERMS", 2_000)
    first, second = teaching.teach(some, []), teaching.teach(some, [])
    assert first == second
    assert Classifier(first).name == first["name"]


def test_an_unknown_target_teaches_nothing(some, fitted):
    features = fitted[0]
    targets = np.array([example.targets for example in some])[:, 0]
    masked = targets.copy()
    masked[::2] = examples.UNKNOWN
    half, _ = training.fit_one(features[1::2], targets[1::2], np.ones(len(targets[1::2])))
    same, _ = training.fit_one(features, masked, np.ones(len(masked)))
    assert np.allclose(half, same, atol=1e-4)


@pytest.mark.parametrize(("answer", "side"), [(1, 1), (0, -1)])
def test_where_only_one_answer_is_known_it_is_always_given(fitted, answer, side):
    features = fitted[0]
    weights, bias = training.fit_one(features, np.full(features.shape[0], answer), np.ones(features.shape[0]))
    assert not weights.any()
    assert bias * side > 0


def test_two_classes_and_a_class_never_met_are_fitted_alike(fitted):
    features = fitted[0]
    classes = np.arange(features.shape[0]) % 2
    coefficients, bias = training.fit_classes(features, classes, np.ones(len(classes)), 3)
    said = (features @ coefficients + bias).argmax(axis=1)
    assert set(said.tolist()) == {0, 1}
    assert (said == classes).mean() > 0.9


def test_thresholds_stay_between_their_limits(some):
    scores = np.random.default_rng(0).normal(size=(len(some), len(COLUMNS)))
    cuts = training.choose_thresholds(scores, np.array([e.targets for e in some]), np.ones(len(some)))
    assert ((cuts >= training.SMALLEST_THRESHOLD - 1e-9) & (cuts <= training.LARGEST_THRESHOLD + 1e-9)).all()


def test_confidence_without_a_mistake_to_learn_from_stays_plain():
    scores = np.array([[2.0, -1.0], [-1.0, 2.0]])
    curve, abstain = teaching.confidence_of(scores, np.array([[1, 0], [0, 1]]), np.array([0.5, 0.5]))
    assert curve == (1.0, 0.0)
    assert abstain == (0.0, 0.0)


def test_a_type_that_is_mostly_wrong_when_unsure_abstains_there():
    said = np.array([0.12] * 9 + [0.9] * 9)
    right = np.array([False] * 8 + [True] + [True] * 9)
    assert 0.1 <= teaching._abstain_below(said, right) < 0.9
    assert teaching._abstain_below(said, np.ones(18, dtype=bool)) == 0


def test_without_a_call_for_help_to_learn_from_only_the_surest_is_danger():
    assert teaching.danger_cut(np.zeros(4), np.zeros(4)) > 0.5


def test_the_phrases_cover_every_type_in_every_language():
    own = examples.phrases()
    assert len(own) >= 4_000
    counts = {(example.language, example.main) for example in own}
    assert len(counts) == 4 * len(TYPES)
    assert len({example.normal for example in own}) == len(own)


def test_no_gold_text_is_among_the_training_texts(public_data):
    taught, moods = commands.taught_of(public_data, [])
    assert len(taught) > 10_000
    assert gold.among([*taught, *moods]) == []


def test_a_gold_text_among_the_phrases_stops_the_training(monkeypatch, tmp_path):
    found = gold.read(gold.GOLD)[0]
    monkeypatch.setattr(examples, "phrases", lambda: [examples.phrase({**found, "lang": "en"})])
    with pytest.raises(ValueError, match="gold set"):
        list(commands.train(None, [], tmp_path, day=date(2026, 1, 31)))


def test_a_sitting_of_one_writer_is_one_group():
    groups = {example.group for example in examples.phrases()}
    assert "first:bug:payments" in groups
    assert "ur-1:bug:sign_in" in groups


def _review(**fields):
    return {"id": "1", "title": "", "text": "it broke", "rating": 1, "labels": ["Bug"], **fields}


def _public(folder, reviews):
    folder.mkdir(exist_ok=True)
    (folder / "app_reviews_types.jsonl").write_text("\n".join(map(json.dumps, reviews)) + "\n")
    issues = [{"text": f"it crashes {n}", "spans": [[0, 9, "Crashing Issues"]]} for n in range(6)]
    issues += [{"text": f"nice one {n}", "spans": []} for n in range(6)]
    (folder / "app_reviews_issue_spans.jsonl").write_text("\n".join(map(json.dumps, issues)) + "\n")
    intents = [
        {"text": f"where is my {word} number {n}", "intent": word}
        for n in range(6)
        for word in ("card", "fee")
    ]
    (folder / "banking_intents.jsonl").write_text("\n".join(map(json.dumps, intents)) + "\n")
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
    targets = dict(zip(COLUMNS, example.targets, strict=True))
    assert {name: targets[name] for name in known} == known


def test_stars_give_the_sentiment_of_a_review(tmp_path):
    found = examples.reviews(_public(tmp_path, [_review(rating=stars) for stars in (1, 3, 5, None)]))
    assert [example.sentiment for example in found] == [0, 1, 2, None]


def test_moods_teach_sentiment_and_no_type(tmp_path):
    moods = examples.moods(_public(tmp_path, []))
    assert {SENTIMENTS[example.sentiment] for example in moods} == set(SENTIMENTS)
    assert all(set(example.targets) == {examples.UNKNOWN} for example in moods)


def test_issues_teach_what_their_spans_tell(tmp_path):
    found = examples.issues(_public(tmp_path, []))
    bug, danger = COLUMNS.index("bug"), COLUMNS.index("danger")
    assert {example.targets[bug] for example in found} == {0, 1}
    assert {example.targets[danger] for example in found} == {0}


def test_the_train_command_measures_and_writes_model_and_card(tmp_path, monkeypatch):
    monkeypatch.setattr(examples, "phrases", lambda own=examples.phrases: own()[::12])
    monkeypatch.setattr(measures, "DRAWS", 5)
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
    correction = {
        "text": "bijli nahi hai office me",
        "lang": "ur-Latn",
        "type": "service_complaint",
        "area": "centres",
    }
    corrected = tmp_path / "corrections.jsonl"
    corrected.write_text(json.dumps(correction) + "\n")
    data = _public(tmp_path / "data", reviews)
    told = list(commands.train(data, [corrected], tmp_path, day=date(2026, 1, 31)))
    card = (tmp_path / "CARD.md").read_text()
    assert "2026-01-31" in card
    assert "Roman Urdu sentiment" in card
    assert "| type, macro-F1, ur-Latn |" in card
    assert any(line.startswith("types of public reviews") and "baseline 0.651" in line for line in told)
    assert Classifier.load(tmp_path / "classifier.json").label("app bohat slow hai").type == "performance"


def test_measuring_without_public_sets_measures_phrases_and_gold(monkeypatch):
    monkeypatch.setattr(examples, "phrases", lambda own=examples.phrases: own()[::12])
    monkeypatch.setattr(measures, "DRAWS", 5)
    told = [json.loads(line) for line in commands.evaluate(None, None, None, as_json=True)]
    names = {one["name"] for one in told}
    assert {"own phrases, type, macro-F1, ur", "type, macro-F1, all", "danger, recall"} <= names
    assert all(one["low"] <= one["value"] + 0.2 and one["texts"] for one in told)


def test_terms_of_an_example_hold_its_concepts(some):
    example = next(one for one in some if "otp" in one.normal)
    found = training.terms_of(example)
    assert set(paired(concepts(tokens(example.normal)))) == set(found["concepts"])
