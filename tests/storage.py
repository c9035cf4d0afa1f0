"""Lets a test start with models that know no table yet."""

from __future__ import annotations

from functions.storage import audit, cases, feedback, notices, queues, topics

MODELS = (
    audit.AuditItem,
    cases.CaseItem,
    cases.HistoryPart,
    feedback.FeedbackItem,
    feedback.SourceItem,
    notices.NoticeItem,
    topics.DecisionsPart,
    topics.MemberItem,
    topics.TopicItem,
)


def forget_connections() -> None:
    for model in MODELS:
        model._connection = None
        model.Meta.table_name = ""
    queues.client.cache_clear()
