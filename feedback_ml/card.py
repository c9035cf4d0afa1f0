"""Writes the model card: what the shipped model learnt from, what it measured, where it fails."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feedback_ml.classifier import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from feedback_ml.evaluation import Figures
    from feedback_ml.examples import Example

DATA = (
    (
        "phrases",
        "Project phrases (`feedback_ml/phrases`)",
        "Apache-2.0; written for this project in English, Urdu, Roman Urdu and mixtures; invented",
    ),
    (
        "reviews",
        "App reviews by type",
        "CC0; Maalej, Kurtanović, Nabil, Stanik 2016, through app_review_analysis",
    ),
    (
        "roman_urdu_sentiment",
        "Roman Urdu sentiment",
        "UCI Roman Urdu data set, through an MIT-licensed collection",
    ),
    (
        "urdu_product_sentiment",
        "Urdu product sentiment",
        "MIT-licensed collection; reads as machine-translated",
    ),
)
_LANGUAGES = {
    "en": "English",
    "ur": "Urdu script",
    "ur-Latn": "Roman Urdu",
    "mixed": "mixed",
    "all": "**all**",
}

_TEXT = """# Model card: feedback classifier

Made by `python -m feedback_ml train` on {day}. {size:,} bytes; plain weights, read by
`feedback_ml/classifier.py`.

**For** sorting what citizens write about a public service's app or site, so that a product owner can
rank what to mend first. **Not for** judging a person, a complaint or an officer, nor for anything a
citizen is bound by.

## What it says

- Types: `bug` (something of the app or site is broken or wrong), `performance` (slow, hangs, battery,
  data, storage), `usability` (works, but hard to find, read, understand or fill in), `feature_request`
  (asks for what is not there), `service_complaint` (about police, centre, staff, delay or bribe, not
  the software), `question` (asks how, where, when), `praise`, `other` (spam, unrelated, empty,
  displeasure without a reason). One main type; others beside it where they reach their threshold.
- Sentiment from the words, corrected by the stars; severity 1 to 5 by the formula in
  `feedback_ml/severity.py`; language by script and grammar words (`feedback_ml/text.py`); the words
  that weighed most.
- Confidence: how often the first type is right at such a lead over the second (a logistic curve fitted
  on held-out texts).

## How

One balanced logistic regression per type on words, pairs of words, concepts of the project's lexicon
(which brings `او ٹی پی`, `OTP` and `verification code` together), runs of 3 to 5 characters, and stars;
thresholds from an inner cross-validation over groups. Sentiment: one logistic regression of three
classes on the same terms, without the stars.

## What it learnt from

| data | texts | licence and source |
|---|---:|---|
{data}

Phrases by language and type:

| | {types} |
|---|{bars}
{phrases}

No public set labels Urdu or Roman Urdu app feedback by type: there the types rest on the project's
phrases alone. How the reviews' four labels became ours: Bug is `bug` and Feature is `feature_request`;
Rating or UserExperience with four stars or more is `praise`; Rating alone with two or fewer is `other`;
what speaks of slowness may be `performance`, so it teaches neither; UserExperience tells how an app is
used, not that it is hard to use, so it never teaches `usability`. They weigh a tenth of a phrase each:
more than that made the figures on the phrases worse.
Each phrase is learnt again with the stars that go with its type, at a quarter of its weight. Weights ship; no
sentence of a public set does.

## Measured

Main type on the phrases, macro-F1 over eight types, five folds over areas: a fold is tested on areas of
the app (sign-in, payments, licences ...) of which it has seen no phrase in any language. Phrases
without an area (spam, greetings) are split in runs of five. The
list of terms and their document frequencies come from all texts, labels unseen; the lexicon was written
by the same hands as the phrases, so expect less on texts of others.

| language | macro-F1 |
|---|---:|
{by_language}

| type | F1, all languages |
|---|---:|
{by_type}

Share of right main types by confidence: {confidence}.
{public}
## Limits

- The phrases are the project's own, by few hands: real citizens write more variously. Label some
  hundred of your own texts, add them to `phrases/` and train again; the texts with the lowest
  confidence teach most.
- Thresholds carry over to another app less well than the order of scores does.
- Irony, and texts on several matters, are often given one type only. A single word is a guess.
- Roman Urdu against mixed is a matter of degree; about one mixed text in six is given to its stronger
  language.
- Short texts that name no thing ("thik nahi") are guesses between `bug` and `other`.
- Sentiment of Urdu script learnt from machine-translated sentences; for types it counts little.
- A complaint about an officer found here is not a lodged complaint: nothing in this library starts a
  clock.
"""


def card(examples: Sequence[Example], figures: Figures, *, size: int, day: date) -> str:
    """Give the card as Markdown; `size` is the model file's in bytes."""
    own = [example for example in examples if example.source == "phrases"]
    public = _public(figures)
    return _TEXT.format(
        day=day.isoformat(),
        size=size,
        data=_data(examples),
        types=" | ".join(TYPES),
        bars="---:|" * len(TYPES),
        phrases=_phrases(own),
        by_language=_table({_LANGUAGES[name]: value for name, value in figures.phrases.items()}),
        by_type=_table({f"`{name}`": value for name, value in figures.by_type.items()}),
        confidence=", ".join(f"{name} {value:.2f}" for name, value in figures.confidence.items()),
        public=public,
    )


def _data(examples: Sequence[Example]) -> str:
    counts = Counter(example.source for example in examples)
    return "\n".join(
        f"| {name} | {counts[source]:,} | {licence} |" for source, name, licence in DATA if counts[source]
    )


def _phrases(own: Sequence[Example]) -> str:
    counts = Counter((example.language, example.targets.index(1)) for example in own)
    return "\n".join(
        f"| {_LANGUAGES[spoken]} | " + " | ".join(str(counts[spoken, at]) for at in range(len(TYPES))) + " |"
        for spoken in ("en", "ur", "ur-Latn", "mixed")
    )


def _table(values: Mapping[str, float]) -> str:
    return "\n".join(f"| {name} | {value:.3f} |" for name, value in values.items())


def _public(figures: Figures) -> str:
    parts = []
    if figures.reviews:
        parts.append(
            "\nThe same features trained on the four public labels (several per text, thresholds inside), F1,"
            " five folds grouped by duplicate text:\n\n"
            f"| label | F1 |\n|---|---:|\n{_table(figures.reviews)}\n"
        )
    if figures.sentiment:
        parts.append(
            "\nSentiment, macro-F1, three folds grouped by text:\n\n"
            f"| set | macro-F1 |\n|---|---:|\n{_table(figures.sentiment)}\n"
        )
    return "".join(parts)
