"""Writes the model card: what the shipped model learnt from, what it measured, where it fails."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from feedback_ml.classifier import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from feedback_ml.examples import Example
    from feedback_ml.measures import Figure

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
        "issues",
        "App reviews with annotated issues",
        "MIT; Review-Pulse",
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
- Area: what of the service it is about (sign_in, payments, certificates, complaints, licences, centres,
  registration, safety, notifications, language, app, none).
- Danger: somebody may be at risk now. Its threshold lets false alarms through rather than miss a call.
- Sentiment from the words, corrected by the stars; severity 1 to 5 by the formula in
  `feedback_ml/severity.py`, 5 in danger; language by script and grammar words (`feedback_ml/text.py`); the
  words that weighed most.
- Confidence: how often the first type is right at such a lead over the second (a logistic curve fitted
  on held-out texts). Below the confidence at which a type was right less than half the time it abstains.

## How

One balanced logistic regression per type, per area and for danger, on five blocks of terms, each brought to
length one: words and pairs of words; concepts of the project's lexicon (which bring `او ٹی پی`, `OTP` and
`verification code` together); sounds (the consonants a word is heard with, alike in Urdu script and Roman
Urdu); runs of 3 to 5 characters; stars. The weightiest terms are kept and fitted again. Thresholds from an
inner cross-validation over writers' sittings. Sentiment: a linear model of three classes on the same terms,
without the stars.

## What it learnt from

| data | texts | licence and source |
|---|---:|---|
{data}

Phrases by language and type (main type; one in eight says two things):

| | {types} |
|---|{bars}
{phrases}

How the phrases came to be: several writers of the project, each for one language form and apart from the
others, wrote what citizens of Punjab might write of such an app: clerks, drivers, students, landlords, people
abroad; in a few words or in sixty, polite or angry, in the spellings that telephones produce, by type and
area, with hard cases on purpose (a wish that names no wish word, a bug told as a question, praise that
mentions police, figures of speech that sound like danger). None was made by a template, none is a real
person's; names, numbers and addresses do not occur.

No public set labels Urdu or Roman Urdu app feedback by type: there the types rest on the phrases alone. How
the reviews' four labels became ours: Bug is `bug` and Feature is `feature_request`; Rating or UserExperience
with four stars or more is `praise`; Rating alone with two or fewer is `other`; what speaks of slowness may be
`performance`, so it teaches neither; UserExperience tells how an app is used, not that it is hard to use, so
it never teaches `usability`. Annotated issues: crashing, functionality and content are `bug`, performance is
`performance`, design and experience are `usability`. They weigh a tenth of a phrase each. Each phrase is
learnt once, every third with stars that go with its type. Weights ship; no sentence of a public set does.

## Measured

Every figure with its 95 % interval (bootstrap over texts). "Own phrases" are held out by writers' sittings;
the figures without that name are of the kept gold set (`feedback_ml/gold`), written by people who saw none
of the phrases, and never learnt from. Sets without stars were scored without stars.

| what | value | interval | texts | baseline | goal | shuffled |
|---|---:|---|---:|---:|---:|---:|
{figures}

## Limits

- Phrases and gold are the project's own, by few hands: real citizens write more variously. Label some
  hundred of your own texts (the board's queue asks for those that teach most) and train again.
- Thresholds carry over to another app less well than the order of scores does.
- Irony, and texts on several matters, are often given one type only. A single word is a guess.
- Roman Urdu against mixed is a matter of degree.
- Danger: somebody who hints at it in words of every day is missed; nobody may rely on this in place of 15.
- Sentiment of Urdu script learnt from machine-translated sentences; for types it counts little.
- A complaint about an officer found here is not a lodged complaint: nothing in this library starts a
  clock.
"""


def card(examples: Sequence[Example], figures: Sequence[Figure], *, size: int, day: date) -> str:
    """Give the card as Markdown; `size` is the model file's in bytes."""
    own = [example for example in examples if example.source == "phrases"]
    return _TEXT.format(
        day=day.isoformat(),
        size=size,
        data=_data(examples),
        types=" | ".join(TYPES),
        bars="---:|" * len(TYPES),
        phrases=_phrases(own),
        figures="\n".join(map(_figure, figures)),
    )


def _data(examples: Sequence[Example]) -> str:
    counts = Counter(example.source for example in examples)
    return "\n".join(
        f"| {name} | {counts[source]:,} | {licence} |" for source, name, licence in DATA if counts[source]
    )


def _phrases(own: Sequence[Example]) -> str:
    counts = Counter((example.language, example.main) for example in own)
    return "\n".join(
        f"| {_LANGUAGES[spoken]} | " + " | ".join(str(counts[spoken, kind]) for kind in TYPES) + " |"
        for spoken in ("en", "ur", "ur-Latn", "mixed")
    )


def _figure(one: Figure) -> str:
    control = "" if one.control is None else f"{one.control:.3f}"
    return (
        f"| {one.name} | {one.value:.3f} | {one.low:.3f} to {one.high:.3f} | {one.texts:,} "
        f"| {one.baseline} | {one.goal} | {control} |"
    )
