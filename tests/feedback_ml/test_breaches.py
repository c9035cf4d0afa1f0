"""The forecast of missed reports: trained here, asked there, with the same answer."""

import json
import random

import pytest

from feedback_ml import __main__ as command_line
from feedback_ml import breaches
from functions.domain import forecast

NAMES = forecast.FEATURES


def row(number, chance, *, complaint_class="B"):
    features = [round(chance.random(), 6) for _ in NAMES]
    waits = chance.random() < 0.3
    features[NAMES.index("not_accepted")] = float(waits)
    missed = chance.random() < (0.85 if waits else 0.2) * (0.5 + features[0])
    return {
        "case": f"case-{number}",
        "class": complaint_class,
        "asked": number % 2 == 0,
        "missed": missed,
        "features": features,
    }


def written(path, count, seed=1, complaint_class="B"):
    chance = random.Random(seed)
    lines = [{"features": list(NAMES), "source": f"invented, seed {seed}"}]
    lines += [row(number, chance, complaint_class=complaint_class) for number in range(count)]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


@pytest.fixture
def learnt(tmp_path):
    return breaches.read([written(tmp_path / "a.jsonl", 400), written(tmp_path / "few.jsonl", 50, 3, "A")])


def test_the_exported_weights_score_as_scikit_learn_does(learnt):
    from sklearn.linear_model import LogisticRegression

    told = breaches.train(learnt)
    known = forecast.read_weights(told | {"measured": {}})
    rows = learnt.of_class("B")
    model = LogisticRegression(C=1.0, max_iter=3_000).fit(
        [r.features for r in rows], [r.missed for r in rows]
    )
    expected = model.predict_proba([r.features for r in rows])[:, 1]
    scored = [forecast.score("B", dict(zip(NAMES, r.features, strict=True)), known) for r in rows]
    assert scored == pytest.approx(list(expected), abs=1e-6)
    assert [breaches.probability(told, r) for r in rows] == pytest.approx(scored, abs=1e-9)


def test_a_class_with_few_cases_has_no_model_and_goes_by_the_rule_on_both_sides(learnt):
    told = breaches.train(learnt)
    known = forecast.read_weights(told)
    assert set(told["classes"]) == {"B"}
    for each in learnt.of_class("A"):
        seen = dict(zip(NAMES, each.features, strict=True))
        assert breaches.probability(told, each) == forecast.score("A", seen, known)
    assert told["rule"]["holds"] >= told["threshold"] > told["rule"]["fails"]


def test_nothing_to_learn_from_leaves_the_rule_alone():
    told = breaches.train(breaches.Rows(NAMES, (), "nothing"))
    assert (told["classes"], told["threshold"]) == ({}, 0.5)


def test_rows_of_other_features_do_not_mix(tmp_path):
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"features": ["one"], "source": "x"}))
    with pytest.raises(ValueError, match="other features"):
        breaches.read([written(tmp_path / "a.jsonl", 3), other])


def test_precision_and_recall_are_counted_where_the_sweep_asks():
    names = ("gone", "not_accepted")
    weights = {"threshold": 0.5, "features": names, "classes": {"B": {"bias": 9.0, "weights": [0.0, 0.0]}}}
    asked = [breaches.Row("a", "B", True, (1.0, 0.0), missed=missed) for missed in (True, True, False)]
    passed_by = breaches.Row("b", "B", False, (1.0, 0.0), missed=False)
    found = breaches.measure(weights, breaches.Rows(names, (*asked, passed_by), ""))["all"]
    assert (found.asked, found.missed, found.recall, found.rule_recall) == (3, 2, 1.0, 0.0)
    assert found.precision == pytest.approx(2 / 3)


def test_the_command_writes_weights_with_what_was_measured_and_a_card(tmp_path, capsys):
    learn, judge = written(tmp_path / "a.jsonl", 300), written(tmp_path / "b.jsonl", 100, 2)
    out, card = tmp_path / "weights.json", tmp_path / "FORECAST.md"
    given = ["breaches", "--learn", str(learn), "--judge", str(judge), "--out", str(out), "--card", str(card)]
    assert command_line.main(given) == 0

    told = json.loads(out.read_text())
    assert told["measured"]["on"] == "invented, seed 2"
    assert told["measured"]["by_class"]["all"]["asked"] == 50
    assert "| B | 50 |" in card.read_text()
    assert "precision" in capsys.readouterr().out
    assert forecast.read_weights(told).classes
