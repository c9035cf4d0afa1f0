"""Lets a test start with models that know no table yet."""

from __future__ import annotations

from functions.storage import (
    board,
    cases,
    codes,
    contacts,
    danger,
    evidence,
    feedback,
    fetches,
    holidays,
    ledger,
    mail,
    messages,
    models,
    notices,
    officers,
    people,
    queues,
    register,
    releases,
    sms,
    topics,
)

MODELS = (
    board.BoardItem,
    board.BoardPart,
    cases.CaseItem,
    cases.HistoryPart,
    codes.ChallengeItem,
    codes.CounterItem,
    codes.WindowItem,
    contacts.ContactItem,
    danger.DangerItem,
    feedback.FeedbackItem,
    feedback.SourceItem,
    fetches.FetchItem,
    holidays.HolidayItem,
    holidays.RevisionItem,
    messages.MessageItem,
    models.ModelItem,
    notices.NoticeItem,
    officers.OfficerItem,
    officers.ServiceNumberItem,
    people.DocumentItem,
    people.PersonItem,
    people.PhoneItem,
    register.OpenDataItem,
    register.RegisterItem,
    releases.AnswerItem,
    releases.ReleaseItem,
    releases.ToldItem,
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
    models.client.cache_clear()
