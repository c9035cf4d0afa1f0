"""Texts as grouping compares them: the terms of the common form, the plain words, and what was said of them.

Plain words tell more than concepts where everybody writes one language, and mislead where the same is said in
four: they count as much as it is likely that two texts are in one language.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml import phonetics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LABEL = 1.0
"""What a text's type and its area count, each, beside a term: labels err, so they speak and do not decide."""
WORD = "w:"
_MOST_TERMS = 20_000


@dataclass(frozen=True, slots=True)
class Readings:
    """`rows` (texts x terms, ones and zeros), `terms` by column, and what one meeting of each counts."""

    rows: Any
    terms: tuple[str, ...]
    weights: Any


def word_weight(languages: Iterable[str]) -> float:
    """Chance that two of the texts are in the same language, 0..1."""
    counts = Counter(languages)
    total = counts.total()
    return sum((each / total) ** 2 for each in counts.values()) if total else 0.0


def marks(kind: str, area: str) -> list[str]:
    """Write a text's labels as terms; what was not said of it, or says nothing, gives none."""
    return [
        *([f"type {kind}"] if kind and kind != "other" else []),
        *([f"area {area}"] if area not in ("", "none") else []),
    ]


def terms_of(text: str, language: str, labels: Sequence[str] = ()) -> list[str]:
    """Give all terms of a text, each once, in order."""
    common, words = phonetics.read(text, language)
    return list(dict.fromkeys([*common, *(WORD + word for word in words), *labels]))


def weight_of(term: str, words: float) -> float:
    """Tell what a term counts where plain words count `words`."""
    if term.startswith(WORD):
        return words
    return LABEL if " " in term else phonetics.weight(term)


def read(texts: Sequence[Sequence[str]], words: float) -> Readings:
    """Make the matrix of texts already read as terms; a term of one wording alone is left out.

    Except where several texts have no other terms: who repeats the same words says the same thing.
    """
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from scipy.sparse import csr_matrix  # noqa: PLC0415  as above

    wordings = Counter(map(tuple, texts))
    met = Counter(term for each in wordings for term in each)
    for wording, times in wordings.items():
        if times > 1 and not any(met[term] > 1 and " " not in term for term in wording):
            met.update(wording)
    common = sorted(((-n, term) for term, n in met.items() if n > 1 and weight_of(term, words) > 0))
    chosen = sorted(term for _, term in common[:_MOST_TERMS])
    column = {term: at for at, term in enumerate(chosen)}
    ends, columns = [0], []
    for each in texts:
        columns += sorted(column[term] for term in each if term in column)
        ends.append(len(columns))
    rows = csr_matrix(
        (np.ones(len(columns)), np.array(columns, dtype=np.int32), np.array(ends)),
        shape=(len(texts), len(chosen)),
    )
    return Readings(rows, tuple(chosen), np.array([weight_of(term, words) for term in chosen]))


def rarity(readings: Readings) -> Any:
    """What each term tells a reader who has seen them all (inverse document frequency, natural logarithm)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    met = np.bincount(readings.rows.indices, minlength=len(readings.terms))
    return np.log((1 + readings.rows.shape[0]) / (1 + met)) + 1


def vectors(readings: Readings) -> Any:
    """Unit rows of weight times rarity, to compare texts by cosine."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from scipy.sparse import diags  # noqa: PLC0415  as above

    rows = readings.rows @ diags(readings.weights * rarity(readings), shape=(len(readings.terms),) * 2)
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(lengths, 1e-9)) @ rows).tocsr()


def as_vector(
    terms: Iterable[str], rare: Mapping[str, float], unknown: float, words: float
) -> dict[str, float]:
    """As `vectors`, of one text and by the standard library alone."""
    found = {term: weight_of(term, words) * rare.get(term, unknown) for term in terms}
    length = sum(value * value for value in found.values()) ** 0.5
    return {term: value / length for term, value in found.items() if value} if length else {}
