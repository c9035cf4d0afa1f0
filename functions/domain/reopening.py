"""When what has shipped is open again because people who were told of it say that it is still broken."""

from __future__ import annotations

import math
from datetime import datetime

from functions.domain.topic_decisions import Stored, decide_by_itself
from functions.domain.topic_life import OUT

REOPENS_AT_SHARE = 0.01
"""Of those told. Up to a hundred people one answer reopens: it is somebody's trouble, and costs one look. Of
ten thousand some always have another trouble that they take for this one."""


def enough(still_broken: int, told: int) -> bool:
    return still_broken >= max(1, math.ceil(REOPENS_AT_SHARE * told))


def reopen(topic: Stored, version: str, now: datetime) -> bool:
    """Whether the topic is open again, by this call or before."""
    if topic.row.status not in OUT:
        return True
    if not enough(topic.row.still_broken or 0, topic.standing.told):
        return False
    reason = f"People who were told of version {version} say that it is still broken"
    return decide_by_itself(topic, "citizens", "regressed", reason, now, {"version": version})
