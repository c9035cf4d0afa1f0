"""Measures the product's labels and groups against labels that people gave: JSON lines of anybody's.

Fields read where they are there: `text` (needed), `title`, `rating`, `lang`, `type`, `types`, `area`,
`danger`, `severity`, `sentiment`, `topic`. The project's own gold set lies in `gold/`; it is never learnt
from: `among` says which texts of a set were.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from feedback_ml import examples, measures
from feedback_ml.classifier import Classifier
from feedback_ml.leaks import leaks, words_of
from feedback_ml.measures import Figure, figure
from feedback_ml.text import language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from feedback_ml.classifier import Prediction
    from feedback_ml.examples import Example

GOLD = Path(__file__).parent / "gold"
SET = "set"
_FEW = 20

Lines = list[dict[str, Any]]


def read(path: Path) -> Lines:
    """Read the lines with a text of one file, or of every file in a folder, each told by the file's name."""
    if not path.is_dir():
        return [row for row in examples.rows_of(path) if str(row.get("text", "")).strip()]
    return [{**row, SET: one.stem} for one in sorted(path.glob("*.jsonl")) for row in read(one)]


def among(taught: Sequence[Example]) -> list[str]:
    """Give the project's gold texts that are, the same or nearly, among texts to learn from."""
    gold = [row["text"] for row in read(GOLD)]
    return [leak.gold for leak in leaks(gold, [example.normal for example in taught])]


def without(taught: Sequence[Example]) -> list[Example]:
    """Leave out the examples whose words are those of a gold text."""
    kept = {words_of(row["text"]) for row in read(GOLD)}
    return [example for example in taught if words_of(example.normal) not in kept]


def measure(lines: Lines, classifier: Classifier) -> Iterator[Figure]:
    """Type and area by language, mood, confidence, danger, and topics."""
    said = [
        classifier.label(row["text"], title=row.get("title") or "", rating=row.get("rating")) for row in lines
    ]
    spoken = [row.get("lang") or language(row["text"]) for row in lines]
    for name, goal in (("type", ">= 0.80"), ("area", ""), ("sentiment", "")):
        yield from _by_language(name, goal, lines, said, spoken)
    yield from _calls_for_help(lines, said)
    yield from _severity(lines, said)
    yield from _confidence(lines, said)
    yield from _topics(lines, said)


def _by_language(
    name: str, goal: str, lines: Lines, said: Sequence[Prediction], spoken: Sequence[str]
) -> Iterator[Figure]:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = [at for at, row in enumerate(lines) if row.get(name)]
    if len(known) < _FEW:
        return
    truth = np.array([str(lines[at][name]) for at in known])
    found = np.array([getattr(said[at], name) for at in known])
    forms = np.array([spoken[at] for at in known])
    mixed_up = np.random.default_rng(1).permutation(truth)
    for form in (*sorted(set(forms.tolist())), "all"):
        rows = np.arange(len(known)) if form == "all" else np.flatnonzero(forms == form)
        yield figure(
            f"{name}, macro-F1, {form}",
            measures.macro_f1_among(truth, found, rows),
            len(rows),
            goal=goal,
            control=measures.macro_f1(mixed_up[rows], found[rows]),
        )


def _calls_for_help(lines: Lines, said: Sequence[Prediction]) -> Iterator[Figure]:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = [at for at, row in enumerate(lines) if isinstance(row.get("danger"), bool)]
    truth = np.array([lines[at]["danger"] for at in known], dtype=bool)
    found = np.array([said[at].danger for at in known], dtype=bool)
    if not truth.any():
        return
    yield figure("danger, recall", lambda at: _share(found[at], truth[at]), len(known), goal=">= 0.98")
    yield figure("danger, precision", lambda at: _share(truth[at], found[at]), len(known), goal=">= 0.80")


def _share(of: Any, among: Any) -> float:
    return float(of[among].mean()) if among.any() else 1.0


def _severity(lines: Lines, said: Sequence[Prediction]) -> Iterator[Figure]:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = [at for at, row in enumerate(lines) if isinstance(row.get("severity"), int)]
    if len(known) < _FEW:
        return
    truth = np.array([lines[at]["severity"] for at in known])
    found = np.array([said[at].severity for at in known])
    yield figure(
        "severity, mean distance (1..5)", lambda at: float(np.abs(truth[at] - found[at]).mean()), len(known)
    )


def _confidence(lines: Lines, said: Sequence[Prediction]) -> Iterator[Figure]:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = [at for at, row in enumerate(lines) if row.get("type")]
    if len(known) < _FEW:
        return
    right = np.array([said[at].type == lines[at]["type"] for at in known])
    sure = np.array([said[at].confidence for at in known])
    abstained = np.array([said[at].abstained for at in known])
    baseline = "0.015"
    yield figure(
        "expected calibration error",
        lambda at: measures.calibration_error(sure[at], right[at]),
        len(known),
        baseline=baseline,
        goal="<= 0.03",
    )
    yield figure(
        "share answered at confidence 0.8",
        lambda at: float((sure[at] >= 0.8).mean()),
        len(known),
        baseline="0.55",
        goal=">= 0.60",
    )
    yield figure(
        "right among those",
        lambda at: _share(right[at], sure[at] >= 0.8),
        len(known),
        baseline="0.92",
        goal=">= 0.92",
    )
    yield figure("share left to a person", lambda at: float(abstained[at].mean()), len(known))


def _topics(lines: Lines, said: Sequence[Prediction]) -> Iterator[Figure]:
    """By set: the same matter may have another id in another set."""
    for name in sorted({row.get(SET, "") for row in lines}):
        known = [at for at, row in enumerate(lines) if row.get("topic") and row.get(SET, "") == name]
        if len(known) >= _FEW:
            yield from _topics_of(f", {name}" if name else "", [(lines[at], said[at]) for at in known])


def _topics_of(name: str, told: Sequence[tuple[dict[str, Any], Prediction]]) -> Iterator[Figure]:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    truth = np.array([str(row["topic"]) for row, _ in told])
    found = np.array(grouped([row for row, _ in told], [one for _, one in told]))
    mixed_up = np.random.default_rng(1).permutation(found)
    yield figure(
        f"topics, pairwise F1{name}",
        lambda at: measures.pairwise(truth[at].tolist(), found[at].tolist())[2],
        len(told),
        goal=">= 0.60",
        control=measures.pairwise(truth.tolist(), mixed_up.tolist())[2],
        of_pairs=True,
    )
    yield figure(
        f"topics, NMI{name}",
        lambda at: measures.nmi(truth[at], found[at]),
        len(told),
        goal=">= 0.80",
        control=measures.nmi(truth, mixed_up),
        of_pairs=True,
    )


def grouped(lines: Sequence[Mapping[str, Any]], said: Sequence[Prediction]) -> list[int]:
    """Number the groups of texts as the product finds them, by its own labels; each text is in one group."""
    from feedback_ml.topics import GroupItem, group_all  # noqa: PLC0415  needs scikit-learn

    items = [
        GroupItem(str(at), _whole(row), one.type, one.language, area=one.area)
        for at, (row, one) in enumerate(zip(lines, said, strict=True))
    ]
    numbers = [0] * len(lines)
    for number, group in enumerate(group_all(items)):
        for member in group.members:
            numbers[int(member)] = number
    return numbers


def _whole(row: Mapping[str, Any]) -> str:
    return f"{row.get('title') or ''} {row['text']}".strip()
