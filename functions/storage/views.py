"""Views of the board that people keep under names: one item a person, beside the topics."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from functions.storage.tables import Table, TableMeta, named_failures


class ViewsItem(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    views = UnicodeAttribute()
    version = NumberAttribute()


def of_person(subject: str) -> tuple[dict[str, str], int]:
    """Name -> what was chosen, in the order kept; and the version, 0 before the first."""
    try:
        with named_failures():
            item = ViewsItem.get(_key(subject), consistent_read=True)
    except DoesNotExist:
        return {}, 0
    return dict(json.loads(item.views)), int(item.version)


def save(subject: str, views: Mapping[str, str], on_version: int) -> None:
    """StaleError when the person changed them meanwhile, in another window."""
    unchanged = ViewsItem.version == on_version if on_version else ViewsItem.topic_id.does_not_exist()
    text = json.dumps(dict(views), ensure_ascii=False)
    with named_failures():
        ViewsItem(_key(subject), views=text, version=on_version + 1).save(unchanged)


def _key(subject: str) -> str:
    return f"views#{subject}"
