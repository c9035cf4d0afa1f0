"""Learning from corrections: a challenger against the champion, on texts that neither learnt from.

It takes the champion's place only when it is better beyond chance, misses no call for help that the champion
hears, and is worse in no language. Needs numpy, and scikit-learn for teaching.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.classifier import TYPES, Classifier
from feedback_ml.examples import Example, phrase
from feedback_ml.leaks import Leak, leaks
from feedback_ml.text import language
from schemas.models import Compared, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feedback_ml.classifier import Prediction

DRAWS = 4_000
CHANCE = 0.05
WORSE_IN_A_LANGUAGE = 0.02
FEWEST_GOLD = 100
"""With fewer texts nothing is shown, whatever the test says."""
Lines = list[dict[str, Any]]


class GoldLearntFromError(ValueError):
    """Texts to be measured on are among those to be learnt from: what would be measured is memory."""

    def __init__(self, found: Sequence[Leak]) -> None:
        shown = "; ".join(f"{leak.gold!r} ~ {leak.learnt!r}" for leak in found[:3])
        super().__init__(f"{len(found)} gold texts are among the training texts: {shown}")
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class _Answers:
    """True and given types as numbers in the order of TYPES, and the rest as it is compared."""

    truth: Any
    champion: Any
    challenger: Any
    forms: Any


def corrections(rows: Iterable[Mapping[str, Any]]) -> list[Example]:
    """Make the export's lines examples; each text is a group of its own."""
    return [phrase(_with_title(row) | {"batch": f"correction {row['feedback_id']}"}) for row in rows]


def _with_title(row: Mapping[str, Any]) -> dict[str, Any]:
    title = row.get("title") or ""
    return {**row, "text": f"{title} . {row['text']}" if title else row["text"]}


def learn(
    examples: Sequence[Example], moods: Sequence[Example], gold: Lines, champion: Classifier
) -> tuple[dict[str, Any], Report]:
    """Teach a challenger and measure it; GoldLearntFromError, before anything is taught, for a leak."""
    from feedback_ml import teaching  # noqa: PLC0415  labelling must not load scikit-learn

    refuse_leaks(gold, [*examples, *moods])
    model = teaching.teach(examples, moods)
    return model, challenge(champion, Classifier(model), gold)


def refuse_leaks(gold: Lines, examples: Iterable[Example]) -> None:
    """GoldLearntFromError when a gold text, or nearly the same, is among the examples."""
    found = leaks((str(_with_title(row)["text"]) for row in gold), (example.normal for example in examples))
    if found:
        raise GoldLearntFromError(found)


def challenge(champion: Classifier, challenger: Classifier, gold: Lines, *, seed: int = 0) -> Report:
    """Compare two models on lines with text, type and, where known, lang, area and danger."""
    lines = [row for row in gold if row.get("type") in TYPES]
    old, new = _said(champion, lines), _said(challenger, lines)
    answers = _answers(lines, old, new)
    difference, low, high, p = _bootstrap(answers, seed)
    languages = _by_language(answers)
    recall, precision = _of_danger(lines, old, new)
    figures: dict[str, Any] = {
        "types": _compared(answers.truth, answers.champion, answers.challenger),
        "languages": languages,
        "danger_recall": recall,
        "difference": difference,
        "p": p,
    }
    reasons = _reasons(**figures)
    return Report(
        champion=champion.name,
        challenger=challenger.name,
        gold=gold_digest(lines),
        areas=_areas(lines, old, new),
        danger_precision=precision,
        low=low,
        high=high,
        p_mcnemar=_mcnemar(answers),
        better=not reasons,
        reasons=reasons,
        **figures,
    )


def gold_digest(lines: Lines) -> str:
    """Tells one set of gold texts and labels from another: 16 hexadecimal digits."""
    said = json.dumps(lines, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _said(model: Classifier, lines: Lines) -> list[Prediction]:
    return [model.label(row["text"], title=row.get("title") or "", rating=row.get("rating")) for row in lines]


def _answers(lines: Lines, old: Sequence[Prediction], new: Sequence[Prediction]) -> _Answers:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    return _Answers(
        truth=np.array([TYPES.index(row["type"]) for row in lines], dtype=int),
        champion=np.array([TYPES.index(one.type) for one in old], dtype=int),
        challenger=np.array([TYPES.index(one.type) for one in new], dtype=int),
        forms=np.array([row.get("lang") or language(row["text"]) for row in lines], dtype=object),
    )


def _compared(truth: Any, old: Any, new: Any) -> Compared:
    return Compared(texts=len(truth), champion=_macro_f1(truth, old), challenger=_macro_f1(truth, new))


def _macro_f1(truth: Any, said: Any) -> float:
    """Mean F1 over the classes that the truth has; 0 for no texts."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    names = np.unique(truth)
    hits = [((truth == name) & (said == name)).sum() for name in names]
    both = [(truth == name).sum() + (said == name).sum() for name in names]
    return (
        round(float(np.mean([2 * hit / of for hit, of in zip(hits, both, strict=True)])), 4)
        if len(names)
        else 0.0
    )


def _bootstrap(answers: _Answers, seed: int) -> tuple[float, float, float, float]:
    """Lead of the challenger in macro-F1, its 95 % interval, and how often chance would take it away.

    Texts are drawn with replacement, the same for both models; a class that a draw left out counts not.
    """
    import numpy as np  # noqa: PLC0415  labelling must not load it

    count = len(answers.truth)
    if not count:
        return 0.0, 0.0, 0.0, 1.0
    random = np.random.default_rng(seed)
    weights = random.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)
    drawn = _weighted_f1(weights, answers.truth, answers.challenger) - _weighted_f1(
        weights, answers.truth, answers.champion
    )
    lead = _macro_f1(answers.truth, answers.challenger) - _macro_f1(answers.truth, answers.champion)
    low, high = np.quantile(drawn, [0.025, 0.975])
    p = (1 + int((drawn <= 0).sum())) / (DRAWS + 1)
    return round(lead, 4), round(float(low), 4), round(float(high), 4), round(p, 5)


def _weighted_f1(weights: Any, truth: Any, said: Any) -> Any:
    """Macro-F1 of each draw (draws x texts), over the classes that the draw has."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    names = np.unique(truth)
    true = np.column_stack([truth == name for name in names]).astype(float)
    given = np.column_stack([said == name for name in names]).astype(float)
    hits, of_truth, of_given = weights @ (true * given), weights @ true, weights @ given
    scores = np.divide(2 * hits, of_truth + of_given, out=np.zeros_like(hits), where=of_truth + of_given > 0)
    there = of_truth > 0
    return (scores * there).sum(axis=1) / there.sum(axis=1)


def _mcnemar(answers: _Answers) -> float:
    """One-sided mid-p of the exact test on texts that one model has right and the other wrong.

    Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91.
    """
    old, new = answers.champion == answers.truth, answers.challenger == answers.truth
    lost, won = int((old & ~new).sum()), int((new & ~old).sum())
    total = lost + won
    if not total:
        return 1.0
    tail = sum(math.comb(total, at) for at in range(won, total + 1)) - math.comb(total, won) / 2
    return round(float(tail / 2**total), 5)


def _by_language(answers: _Answers) -> dict[str, Compared]:
    found = {}
    for form in sorted(set(answers.forms.tolist())):
        rows = answers.forms == form
        found[form] = _compared(answers.truth[rows], answers.champion[rows], answers.challenger[rows])
    return found


def _areas(lines: Lines, old: Sequence[Prediction], new: Sequence[Prediction]) -> Compared:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = [at for at, row in enumerate(lines) if row.get("area")]
    truth = np.array([lines[at]["area"] for at in known])
    given = (np.array([said[at].area for at in known]) for said in (old, new))
    return _compared(truth, *given)


def _of_danger(
    lines: Lines, old: Sequence[Prediction], new: Sequence[Prediction]
) -> tuple[Compared, Compared]:
    """Recall over the calls for help, and precision over what each model took for one."""
    calls = [at for at, row in enumerate(lines) if row.get("danger") is True]
    known = [at for at, row in enumerate(lines) if isinstance(row.get("danger"), bool)]

    def recall(said: Sequence[Prediction]) -> float:
        return round(sum(said[at].danger for at in calls) / len(calls), 4) if calls else 1.0

    def precision(said: Sequence[Prediction]) -> float:
        taken = [at for at in known if said[at].danger]
        return round(sum(lines[at]["danger"] for at in taken) / len(taken), 4) if taken else 1.0

    return (
        Compared(texts=len(calls), champion=recall(old), challenger=recall(new)),
        Compared(texts=len(known), champion=precision(old), challenger=precision(new)),
    )


def _reasons(
    types: Compared,
    languages: Mapping[str, Compared],
    danger_recall: Compared,
    difference: float,
    p: float,
) -> tuple[str, ...]:
    """Why the champion stays; nothing where the challenger takes its place."""
    found = []
    if types.texts < FEWEST_GOLD:
        found.append(f"only {types.texts} gold texts; {FEWEST_GOLD} are needed")
    if difference <= 0 or p >= CHANCE:
        found.append(f"not better beyond chance: {difference:+.3f} macro-F1, p = {p:.3f}")
    for name, one in languages.items():
        if one.champion - one.challenger > WORSE_IN_A_LANGUAGE + 1e-9:
            found.append(f"worse in {name}: {one.champion:.3f} -> {one.challenger:.3f}")
    if danger_recall.challenger < danger_recall.champion:
        found.append(
            f"misses calls for help: recall {danger_recall.champion:.3f} -> {danger_recall.challenger:.3f}"
        )
    return tuple(found)
