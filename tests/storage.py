"""Lets a test start with models that know no table yet."""

from __future__ import annotations

from functions.storage import (
    cases,
    codes,
    contacts,
    evidence,
    feedback,
    holidays,
    ledger,
    mail,
    messages,
    notices,
    officers,
    people,
    queues,
    register,
    sms,
    topics,
)

MODELS = (
    cases.CaseItem,
    cases.HistoryPart,
    codes.ChallengeItem,
    codes.CounterItem,
    codes.WindowItem,
    contacts.ContactItem,
    feedback.FeedbackItem,
    feedback.SourceItem,
    holidays.HolidayItem,
    holidays.RevisionItem,
    messages.MessageItem,
    notices.NoticeItem,
    officers.OfficerItem,
    officers.ServiceNumberItem,
    people.DocumentItem,
    people.PersonItem,
    people.PhoneItem,
    register.OpenDataItem,
    register.RegisterItem,
    topics.DecisionsPart,
    topics.MemberItem,
    topics.TopicItem,
)


def connected_elsewhere(stage: str) -> bool:
    """Whether a model still knows another stage's table, as one does that an engine's test left behind."""
    names = [model.Meta.table_name for model in MODELS]
    return any(name and not name.startswith(f"khidmat-{stage}-") for name in names)


def forget_connections() -> None:
    for model in MODELS:
        model._connection = None
        model.Meta.table_name = ""
    queues.client.cache_clear()
    sms.client.cache_clear()
    sms.client_once.cache_clear()
    mail.client.cache_clear()
    evidence.client.cache_clear()
    ledger.client.cache_clear()
