"""An app with two matters, each written about by many, as a night has grouped it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from feedback_ml.topics import Group
from functions.domain import feedback, regrouping
from functions.storage import feedback as feedback_store
from functions.storage import topics as topic_store
from schemas.feedback import Feedback
from tests import factories
from tests.factories import NOON

APP = "pk.khidmat.app"
CODE = ["OTP code does not arrive", "OTP nahi aa raha", "او ٹی پی نہیں آ رہا", "the OTP code never arrives"]
SLIP = [
    "payment slip is not generated",
    "fee payment slip not generated again",
    "the payment slip id is not generated",
]
NIGHT = NOON + timedelta(days=30)


MATTERS = {
    "otp": ("One-time code does not arrive", "ون ٹائم کوڈ نہیں آتا", ("otp", "او ٹی پی", "code comes")),
    "slip": ("Payment slip is not made", "ادائیگی کی پرچی نہیں بنتی", ("slip",)),
    "map": ("Map is empty", "نقشہ خالی ہے", ("map",)),
}


def by_words(items, smallest=3):
    """A grouping that is as plain as can be: what becomes of groups afterwards is the question here."""
    found = []
    for en, ur, words in MATTERS.values():
        held = [i for i in items if any(word in i.text.lower() for word in words)]
        # As the real one does, it lets go of what is unlike most of its group.
        held = tuple(sorted(i.feedback_id for i in held if "hours" not in i.text))
        if len(held) >= smallest:
            found.append(Group("bug", held, en, ur, held[:3], words))
    return found


@contextmanager
def plainly_grouped():
    with mock.patch.object(regrouping.grouping, "group", by_words):
        yield


def take_in(texts, first=0, days=1.0, start=NOON, **changes):
    records = [
        factories.feedback(first + n, text=text, written_at=start + timedelta(days=days * n), **changes)
        for n, text in enumerate(texts)
    ]
    feedback.take_in(records, lambda _: factories.labels(), str, NOON)
    return [record.feedback_id for record in records]


def given_by(person, number, text, written_at=NOON):
    """A text from inside the app, by somebody signed in."""
    sent = Feedback(
        source="in_app",
        app=APP,
        external_id=f"own-{number}",
        written_at=written_at,
        text=text,
        person=f"p-{person}",
    )
    feedback_store.register(APP, {feedback_store.month_of(sent)})
    feedback_store.add(feedback_store.Labelled(sent, factories.labels(), f"digest-{number}"), person)
    return sent.feedback_id


def regroup(now=NIGHT):
    return regrouping.regroup(APP, now)


def board():
    """As stored: what is shown of so few people holds no figures."""
    return topic_store.ranked(APP, after=None, limit=100)[0]


def about(word):
    """The topic on the board whose name or quotes have the word."""
    return next(
        topic
        for topic in board()
        if word in topic.row.name["en"].lower() or any(word in q.text.lower() for q in topic.row.quotes)
    )


def stored(topic):
    return topic_store.get(topic if isinstance(topic, str) else topic.row.topic_id)


def texts_of(topic):
    return set(topic_store.members(stored(topic)))
