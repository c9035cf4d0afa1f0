"""A challenger takes the champion's place only where it is shown to be better; gold is never learnt from."""

from dataclasses import dataclass, field
from itertools import cycle, islice

import pytest

from feedback_ml import examples, learning
from feedback_ml.classifier import TYPES, Classifier, Prediction
from feedback_ml.learning import GoldLearntFromError, challenge, corrections, learn, refuse_leaks

LANGUAGES = ("en", "ur", "ur-Latn", "mixed")


def gold_of(count=400, **changes):
    kinds, forms = cycle(TYPES), cycle(LANGUAGES)
    pairs = [(kind, next(forms)) for kind in islice(kinds, count)]
    # Shifted, so that every type is there in every language.
    return [
        {
            "text": f"text {at}",
            "type": kind,
            "lang": LANGUAGES[(LANGUAGES.index(form) + at // 8) % 4],
            "area": "app",
            "danger": at % 20 == 0,
        }
        | changes
        for at, (kind, form) in enumerate(pairs)
    ]


@dataclass
class Sayer:
    """A model that is wrong on the texts named, and right on the others."""

    name: str
    gold: list
    wrong: set = field(default_factory=set)
    deaf: set = field(default_factory=set)
    alarmed: set = field(default_factory=set)

    def label(self, text, *, title="", rating=None):
        at = int(text.split()[-1])
        truth = TYPES.index(self.gold[at]["type"])
        kind = TYPES[(truth + 1) % len(TYPES)] if at in self.wrong else TYPES[truth]
        danger = (self.gold[at].get("danger") is True and at not in self.deaf) or at in self.alarmed
        return Prediction(kind, (kind,), "en", "neutral", 1, 0.9, area="app", danger=danger)


def judged(gold, wrong_before, wrong_after, **after):
    champion = Sayer("m-000000000000", gold, set(wrong_before))
    challenger = Sayer("m-111111111111", gold, set(wrong_after), **after)
    return challenge(champion, challenger, gold)


def test_a_challenger_that_is_right_far_more_often_is_better():
    gold = gold_of()
    report = judged(gold, range(0, 400, 3), range(0, 400, 9))

    assert (report.better, report.reasons) == (True, ())
    assert report.types.champion == pytest.approx(2 / 3, abs=0.01)
    assert report.types.challenger == pytest.approx(8 / 9, abs=0.01)
    assert report.low <= report.difference <= report.high
    assert report.p < 0.001
    assert report.p_mcnemar < 0.001
    assert set(report.languages) == set(LANGUAGES)


def test_a_lead_of_chance_changes_nothing():
    gold = gold_of()
    report = judged(gold, range(0, 400, 4), [*range(0, 396, 4)])

    assert not report.better
    assert "not better beyond chance" in report.reasons[0]
    assert report.difference > 0


def test_the_same_answers_change_nothing():
    report = judged(gold_of(), range(0, 400, 4), range(0, 400, 4))

    assert (report.difference, report.p, report.p_mcnemar) == (0.0, 1.0, 1.0)
    assert not report.better


def test_one_language_may_not_pay_for_the_others():
    gold = gold_of()
    urdu = [at for at, row in enumerate(gold) if row["lang"] == "ur"]
    others = [at for at, row in enumerate(gold) if row["lang"] != "ur"]
    report = judged(gold, others[::2], [*urdu[::8]])

    assert report.p < 0.001
    assert [reason.split(":")[0] for reason in report.reasons] == ["worse in ur"]


def test_a_call_for_help_that_is_missed_is_never_paid_for():
    gold = gold_of()
    report = judged(gold, range(0, 400, 3), range(0, 400, 10), deaf={20}, alarmed={1, 2})

    assert (report.danger_recall.champion, report.danger_recall.challenger) == (1.0, 0.95)
    assert report.danger_precision.challenger == pytest.approx(19 / 21, abs=1e-4)
    assert ["misses calls for help" in reason for reason in report.reasons] == [True]


def test_a_handful_of_texts_shows_nothing():
    report = judged(gold_of(40), range(0, 40, 2), [])

    assert report.p < 0.05
    assert report.reasons == ("only 40 gold texts; 100 are needed",)


def test_lines_without_a_type_are_left_out_and_none_at_all_is_no_error():
    report = judged(gold_of(8, type=None), [], [])

    assert (report.types.texts, report.p, report.better) == (0, 1.0, False)
    assert (report.danger_recall.challenger, report.areas.texts) == (1.0, 0)


def test_the_test_is_seeded():
    gold = gold_of()
    once, again = (judged(gold, range(0, 400, 4), range(0, 390, 4)) for _ in range(2))

    assert once == again


def test_another_label_is_another_gold_set():
    gold = gold_of(8)

    assert learning.gold_digest(gold) != learning.gold_digest([gold[0] | {"area": "none"}, *gold[1:]])


@pytest.mark.parametrize(("wins", "losses", "p"), [(5, 0, 0.015625), (0, 5, 0.98438), (3, 3, 0.5)])
def test_mid_p_is_that_of_the_exact_test(wins, losses, p):
    """5 to 0: half of 1/32. As many each way: one half, by symmetry."""
    gold = gold_of(40)
    report = judged(gold, range(wins), range(wins, wins + losses))

    assert report.p_mcnemar == pytest.approx(p, abs=1e-5)


# --- what is learnt from


ROW = {
    "feedback_id": "f" * 26,
    "text": "nobody finds the button",
    "title": "",
    "rating": 2,
    "lang": "en",
    "type": "usability",
    "types": ["usability", "bug"],
    "area": "app",
    "danger": False,
}


def test_a_line_of_the_export_is_an_example():
    (example,) = corrections([ROW])
    known = dict(zip(TYPES, example.targets, strict=False))

    assert (known["usability"], known["bug"], known["praise"]) == (1, 1, 0)
    assert example.normal == "nobody finds the button"


def test_each_correction_is_a_group_of_its_own():
    first, second = corrections([ROW, ROW | {"feedback_id": "e" * 26, "title": "Hidden"}])

    assert first.group != second.group
    assert second.normal == "hidden . nobody finds the button"


def test_learning_refuses_gold_that_is_learnt_from():
    with pytest.raises(GoldLearntFromError, match="1 gold texts") as refused:
        learn(corrections([ROW]), [], [{"text": "Nobody finds the BUTTON!", "type": "usability"}], None)

    assert refused.value.found[0].likeness == 1.0


def test_other_gold_is_let_through():
    refuse_leaks([{"text": "Where is the button?", "title": "Lost"}], corrections([ROW]))


@pytest.fixture(scope="module")
def taught():
    """A champion and what it did not learn from; small, so that teaching takes seconds."""
    own = examples.phrases()
    return own[::30], [example for example in own if len(example.normal) > 15][5::40]


def test_a_challenger_is_taught_named_and_measured(taught):
    own, apart = taught
    known = {example.normal for example in own}
    gold = [
        {"text": example.normal, "type": example.main, "lang": example.language}
        for example in apart
        if example.normal not in known
    ]
    champion = Classifier(learn(own, [], [], _NoModel())[0])
    model, report = learn([*own, *corrections([ROW])], [], gold, champion)

    assert (report.champion, report.challenger) == (champion.name, model["name"])
    assert report.types.texts == len(gold)
    assert report.types.champion > 0.2
    assert Classifier(model).label("nobody finds the button").type == "usability"


class _NoModel:
    name = "m-000000000000"
