"""Lets a test start with models that know no table yet."""

from __future__ import annotations

from functions.storage import (
    cases,
    codes,
    evidence,
    feedback,
    ledger,
    notices,
    officers,
    people,
    queues,
    sms,
    topics,
)

MODELS = (
    cases.CaseItem,
    cases.HistoryPart,
    codes.ChallengeItem,
    codes.CounterItem,
    codes.WindowItem,
    feedback.FeedbackItem,
    feedback.SourceItem,
    notices.NoticeItem,
    officers.OfficerItem,
    officers.ServiceNumberItem,
    people.DocumentItem,
    people.PersonItem,
    people.PhoneItem,
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
    evidence.client.cache_clear()
    ledger.client.cache_clear()
