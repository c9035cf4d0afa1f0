"""Feedback as it came in, with its labels; a revised text keeps what it said before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from functions.storage import labelling
from functions.storage.labelling import NOTHING_DONE, Labelling
from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant
from schemas.feedback import Area, Feedback, FeedbackType, Labels, Language, Sentiment, Source

REVISIONS_KEPT = 20
APP = "app"
REGISTERED_KEPT = 1_000
_registered: set[tuple[str, str]] = set()
"""(app, month) this process has registered: one item an app would otherwise be written for every comment."""


class ByMonth(GlobalSecondaryIndex["FeedbackItem"]):
    class Meta:
        index_name = "by_month"
        projection = AllProjection()

    app_month = UnicodeAttribute(hash_key=True)
    written_key = UnicodeAttribute(range_key=True)


class ByGiver(GlobalSecondaryIndex["FeedbackItem"]):
    """What a signed-in person gave from inside the app, so that they can have it and be forgotten in it."""

    class Meta:
        index_name = "by_giver"
        projection = KeysOnlyProjection()

    giver = UnicodeAttribute(hash_key=True)
    written_key = UnicodeAttribute(range_key=True)


class Corrected(GlobalSecondaryIndex["FeedbackItem"]):
    """Texts that a person labelled, oldest correction first: what training reads."""

    class Meta:
        index_name = "corrected"
        projection = AllProjection()

    corrected_app = UnicodeAttribute(hash_key=True)
    corrected_key = UnicodeAttribute(range_key=True)


class ToLabel(GlobalSecondaryIndex["FeedbackItem"]):
    """Texts that a person is asked about, by app and language, the most uncertain first."""

    class Meta:
        index_name = "to_label"
        projection = KeysOnlyProjection()

    asked = UnicodeAttribute(hash_key=True)
    asked_key = UnicodeAttribute(range_key=True)


class FeedbackItem(Table):
    noun = "feedback"

    class Meta(TableMeta):
        pass

    feedback_id = UnicodeAttribute(hash_key=True)
    source = UnicodeAttribute()
    app = UnicodeAttribute()
    external_id = UnicodeAttribute()
    written_at = UnicodeAttribute()
    revised_at = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)
    title = UnicodeAttribute(null=True)
    rating = NumberAttribute(null=True)
    app_version = UnicodeAttribute(null=True)
    locale = UnicodeAttribute(null=True)
    device = UnicodeAttribute(null=True)
    screen = UnicodeAttribute(null=True)
    person = UnicodeAttribute(null=True)
    content_digest = UnicodeAttribute()
    label = UnicodeAttribute(attr_name="type")
    other_labels = UnicodeAttribute(attr_name="types")
    language = UnicodeAttribute()
    sentiment = UnicodeAttribute()
    severity = NumberAttribute()
    confidence = NumberAttribute()
    why = UnicodeAttribute(null=True)
    area = UnicodeAttribute(null=True)
    danger = BooleanAttribute(null=True)
    abstained = BooleanAttribute(null=True)
    district = UnicodeAttribute(null=True)
    overseas = BooleanAttribute(null=True)
    revisions = UnicodeAttribute(null=True)
    app_month = UnicodeAttribute()
    written_key = UnicodeAttribute()
    giver = UnicodeAttribute(null=True)
    margin = NumberAttribute(null=True)
    model = UnicodeAttribute(null=True)
    label_version = NumberAttribute(null=True)
    label_log = UnicodeAttribute(null=True)
    correction = UnicodeAttribute(null=True)
    corrected_app = UnicodeAttribute(null=True)
    corrected_key = UnicodeAttribute(null=True)
    asked = UnicodeAttribute(null=True)
    asked_key = UnicodeAttribute(null=True)
    skipped = NumberAttribute(null=True)
    cleared = BooleanAttribute(null=True)

    by_month = ByMonth()
    by_giver = ByGiver()
    corrected = Corrected()
    to_label = ToLabel()


class SourceItem(Table):
    """Which apps there is feedback of, and in which months: what a regrouping has to read."""

    noun = "sources"

    class Meta(TableMeta):
        pass

    kind = UnicodeAttribute(hash_key=True)
    app = UnicodeAttribute(range_key=True)
    months = UnicodeSetAttribute(null=True)
    topics_as_of = UnicodeAttribute(null=True)
    readings = NumberAttribute(null=True)
    """How many times all texts were begun to be read for a ranking; the last number given out."""
    ranked_reading = NumberAttribute(null=True)
    """Number of the reading whose ranking is shown."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A record, its labels, and the digest of what was sent: the text itself is kept with people masked."""

    feedback: Feedback
    labels: Labels
    content_digest: str
    revisions: tuple[dict[str, str], ...] = ()
    labelling: Labelling = NOTHING_DONE


def known(feedback_ids: Iterable[str]) -> dict[str, Labelled]:
    """Those of the given that are stored, by id; what was acknowledged a moment ago is among them."""
    with named_failures():
        found = FeedbackItem.batch_get(list(feedback_ids), consistent_read=True)
        return {item.feedback_id: _labelled(item) for item in found}


def in_order(feedback_ids: Sequence[str]) -> list[Labelled]:
    found = known(feedback_ids)
    return [found[i] for i in feedback_ids if i in found]


def add(row: Labelled, giver: str) -> Labelled | None:
    """One conditional put. None when written; otherwise the row already there under this id."""
    item = _item(row)
    item.giver = giver
    try:
        with named_failures():
            item.save(FeedbackItem.feedback_id.does_not_exist())
    except StaleError:
        return known([item.feedback_id]).get(item.feedback_id)
    return None


def of_giver(giver: str, *, after: str | None, limit: int) -> tuple[list[Labelled], str | None]:
    """What a person gave from inside the app, oldest first, and the position to go on from."""
    since = (ByGiver.written_key > after) if after else None
    with named_failures():
        rows = list(FeedbackItem.by_giver.query(giver, since, limit=limit + 1))
    position = rows[limit - 1].written_key if len(rows) > limit else None
    return in_order([row.feedback_id for row in rows[:limit]]), position


def givers(feedback_ids: Iterable[str]) -> dict[str, str]:
    """Who gave each of the texts, by id; none for a text from elsewhere, or whose giver was forgotten."""
    wanted = ["feedback_id", "giver"]
    with named_failures():
        found = FeedbackItem.batch_get(list(feedback_ids), consistent_read=True, attributes_to_get=wanted)
        return {item.feedback_id: item.giver for item in found if item.giver}


def giver_of(feedback_id: str) -> str:
    """Who gave it from inside the app; "" where nobody is known, or nobody any more."""
    with named_failures():
        found = FeedbackItem.batch_get([feedback_id], consistent_read=True)
        return next((item.giver or "" for item in found), "")


def forget_giver(giver: str) -> int:
    """Unties a person's texts from the person, each by itself; how many there were."""
    untied = 0
    with named_failures():
        for row in FeedbackItem.by_giver.query(giver):
            nobody: list[Action] = [FeedbackItem.giver.remove(), FeedbackItem.person.remove()]
            FeedbackItem(row.feedback_id).update(nobody, condition=FeedbackItem.giver == giver)
            untied += 1
    return untied


def months_before(app: str, first_kept: str) -> list[str]:
    """Months of an app's feedback before the given one, oldest first; months are as 2026-11."""
    return sorted(month for month in _months(app) if month < first_kept)


def delete_month(app: str, month: str) -> int:
    """Deletes an app's texts of one month, then the month from its list; how many there were.

    In that order: a run cut short finds the month again.
    """
    deleted = 0
    with named_failures(), FeedbackItem.batch_write() as batch:
        for item in FeedbackItem.by_month.query(f"{app}#{month}"):
            batch.delete(item)
            deleted += 1
    with named_failures():
        SourceItem(APP, app).update([SourceItem.months.delete({month})])
    _registered.discard((app, month))
    return deleted


def put_many(rows: Iterable[Labelled]) -> None:
    """Writes rows in batches of 25. The same row twice is the same row, so a batch may be repeated."""
    with named_failures(), FeedbackItem.batch_write() as batch:
        for row in rows:
            batch.save(_item(row))


def revise(row: Labelled, before: Labelled) -> None:
    """Writes a revised text over what was read of it; StaleError when somebody changed it meanwhile.

    Whose it is stays: that is no part of a record.
    """
    _write(row, before, [name for name in FeedbackItem.get_attributes() if name not in NEVER_REVISED])


def relabel(row: Labelled, before: Labelled) -> None:
    """Writes the labels and what people did to them; StaleError when text or labels changed meanwhile."""
    _write(row, before, LABELS)


NEVER_REVISED = frozenset({"feedback_id", "giver"})
LABELS = (
    "label", "other_labels", "severity", "confidence", "why", "area", "danger", "abstained", "margin",
    "model", "label_version", "label_log", "correction", "corrected_app", "corrected_key", "asked",
    "asked_key", "skipped", "cleared",
)  # fmt: skip
"""Attributes that a correction may change."""


def _write(row: Labelled, before: Labelled, names: Iterable[str]) -> None:
    item, version = _item(row), before.labelling.version
    attributes = FeedbackItem.get_attributes()
    actions: list[Action] = []
    for name in names:
        value = getattr(item, name)
        attribute = attributes[name]
        actions.append(attribute.remove() if value is None else attribute.set(value))
    of_version = FeedbackItem.label_version
    as_read = of_version == version if version else of_version.does_not_exist()
    unchanged = as_read & (FeedbackItem.content_digest == before.content_digest)
    with named_failures():
        FeedbackItem(item.feedback_id).update(actions, condition=unchanged)


def month_of(feedback: Feedback) -> str:
    return feedback.written_at.isoformat()[:7]


def register(app: str, months: set[str]) -> None:
    """Adds months to the app's own list; atomic, so that two imports at once lose none.

    A month never leaves the list, so one that this process has added is not written again.
    """
    own = {(app, month) for month in months}
    if own <= _registered:
        return
    with named_failures():
        SourceItem(APP, app).update([SourceItem.months.add(months)])
    if len(_registered) + len(own) > REGISTERED_KEPT:
        _registered.clear()
    _registered.update(own)


def forget_registered() -> None:
    """For tests, whose tables are emptied under the same process."""
    _registered.clear()


def apps() -> list[tuple[str, str | None]]:
    """(app, instant of the newest text its ranking knows), by name."""
    with named_failures():
        return [(row.app, row.topics_as_of) for row in SourceItem.query(APP)]


def begin_reading(app: str) -> int:
    """The number of a reading that begins now, above all before; StaleError for an app without texts."""
    source = SourceItem(APP, app)
    with named_failures():
        source.update([SourceItem.readings.add(1)], condition=SourceItem.app.exists())
    return int(source.readings or 0)


def claim_ranking(app: str, reading: int) -> None:
    """Says that this reading's ranking is about to be written; StaleError if a later one came first."""
    none_later = SourceItem.ranked_reading.does_not_exist() | (SourceItem.ranked_reading <= reading)
    with named_failures():
        SourceItem(APP, app).update([SourceItem.ranked_reading.set(reading)], condition=none_later)


def ranked_as_of(app: str, as_of: str) -> None:
    with named_failures():
        SourceItem(APP, app).update([SourceItem.topics_as_of.set(as_of)])


def of_app(app: str) -> Iterator[Labelled]:
    """Every text of an app, month by month."""
    for month in sorted(_months(app)):
        with named_failures():
            for item in FeedbackItem.by_month.query(f"{app}#{month}"):
                yield _labelled(item)


def written_between(app: str, since: datetime, until: datetime) -> Iterator[Labelled]:
    """Texts of an app written from `since` up to `until`, oldest first; reads nothing else."""
    first, last = instant_key(since), instant_key(until)
    for month in sorted(_months(app)):
        if not first[:7] <= month <= last[:7]:
            continue
        with named_failures():
            between = ByMonth.written_key.between(first, last)
            for item in FeedbackItem.by_month.query(f"{app}#{month}", between):
                yield _labelled(item)


def _months(app: str) -> set[str]:
    try:
        with named_failures():
            return set(SourceItem.get(APP, app, consistent_read=True).months or ())
    except DoesNotExist:
        return set()


def _item(row: Labelled) -> FeedbackItem:
    feedback, labels = row.feedback, row.labels
    blanks = ("text", "title", "locale", "device", "screen", "person", "district")
    item = FeedbackItem(
        feedback.feedback_id,
        source=feedback.source,
        app=feedback.app,
        external_id=feedback.external_id,
        written_at=instant_key(feedback.written_at),
        content_digest=row.content_digest,
        label=labels.type,
        other_labels=json.dumps(labels.types),
        language=labels.language,
        sentiment=labels.sentiment,
        severity=labels.severity,
        confidence=round(labels.confidence, 4),
        why=json.dumps(labels.why, ensure_ascii=False),
        app_month=f"{feedback.app}#{month_of(feedback)}",
        written_key=f"{instant_key(feedback.written_at)}#{feedback.feedback_id}",
        **{name: value for name in blanks if (value := getattr(feedback, name))},
    )
    if labels.area != "none":
        item.area = labels.area
    for name, told in (
        ("danger", labels.danger), ("abstained", labels.abstained), ("overseas", feedback.overseas)
    ):  # fmt: skip
        if told:
            setattr(item, name, True)
    if feedback.version:
        item.app_version = feedback.version
    if feedback.rating is not None:
        item.rating = feedback.rating
    if feedback.revised_at:
        item.revised_at = instant_key(feedback.revised_at)
    if row.revisions:
        item.revisions = json.dumps(row.revisions[-REVISIONS_KEPT:], ensure_ascii=False)
    labelling.write(item, row)
    return item


def read_item(item: FeedbackItem) -> Labelled:
    """The row of an item, or of an index that has all of it."""
    return _labelled(item)


def _labelled(item: FeedbackItem) -> Labelled:
    # The row was checked when it came in; building without checking again is what makes a night's read quick.
    feedback = Feedback.model_construct(
        source=cast("Source", item.source),
        app=item.app,
        external_id=item.external_id,
        written_at=read_instant(item.written_at),
        revised_at=read_instant(item.revised_at) if item.revised_at else None,
        text=item.text or "",
        title=item.title or "",
        rating=None if item.rating is None else int(item.rating),
        version=item.app_version or "",
        locale=item.locale or "",
        device=item.device or "",
        screen=item.screen or "",
        person=item.person or "",
        district=item.district or "",
        overseas=bool(item.overseas),
    )
    labels = Labels.model_construct(
        type=cast("FeedbackType", item.label),
        types=tuple(json.loads(item.other_labels)),
        language=cast("Language", item.language),
        sentiment=cast("Sentiment", item.sentiment),
        severity=int(item.severity),
        confidence=float(item.confidence),
        area=cast("Area", item.area or "none"),
        danger=bool(item.danger),
        abstained=bool(item.abstained),
        why=tuple(json.loads(item.why)) if item.why else (),
        margin=None if item.margin is None else float(item.margin),
        model=item.model or "",
    )
    revisions = tuple(json.loads(item.revisions)) if item.revisions else ()
    return Labelled(feedback, labels, item.content_digest, revisions, labelling.read(item))
