"""What people and the loop set of a topic, as its item keeps it: apart from what a ranking works out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from schemas.feedback import Verdict
from schemas.topics import Measured, Override


@dataclass(frozen=True, slots=True)
class Edits:
    """A product owner's. Nights leave them alone and go by them; "" and () are what was never set.

    `anchors` are the texts that were split out of `split_from` and stay here whatever a grouping says.
    """

    names: tuple[tuple[str, str], ...] = ()
    override: Override | None = None
    hidden: bool = False
    merged_into: str = ""
    split_from: str = ""
    anchors: tuple[str, ...] = ()
    release_id: str = ""
    release_version: str = ""
    done: tuple[tuple[str, str], ...] = ()

    @property
    def is_listed(self) -> bool:
        return not (self.hidden or self.merged_into)


@dataclass(frozen=True, slots=True)
class Standing:
    """The loop's: what a release did to the topic, and who was told.

    `verdicts` by release; `told_release` is the release that everybody concerned has been told of.
    """

    measured: Measured | None = None
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    told_release: str = ""
    told: int = 0


NO_EDITS, NO_STANDING = Edits(), Standing()


def edits_text(edits: Edits) -> str | None:
    """None for a topic that nobody edited."""
    if edits == NO_EDITS:
        return None
    said = {name: value for name, value in asdict(edits).items() if value}
    if edits.override:
        said["override"] = edits.override.model_dump(mode="json")
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def read_edits(text: str | None) -> Edits:
    if not text:
        return Edits()
    said = json.loads(text)
    override = said.pop("override", None)
    names, done = (tuple((tongue, name) for tongue, name in said.pop(each, ())) for each in ("names", "done"))
    return Edits(
        names=names,
        done=done,
        override=Override.model_validate(override) if override else None,
        anchors=tuple(said.pop("anchors", ())),
        **said,
    )


def standing_text(standing: Standing) -> str:
    said: dict[str, Any] = {
        "verdicts": standing.verdicts,
        "told_release": standing.told_release,
        "told": standing.told,
    }
    if standing.measured:
        said["measured"] = standing.measured.model_dump(mode="json")
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def read_standing(text: str | None) -> Standing:
    if not text:
        return Standing()
    said = json.loads(text)
    measured = said.pop("measured", None)
    return Standing(
        measured=Measured.model_validate(measured) if measured else None,
        verdicts=tuple(tuple(pair) for pair in said.pop("verdicts", ())),
        **said,
    )


def former_values(former: Edits, changed: Edits) -> dict[str, Any]:
    """What differs, as it was: for undoing it. Texts that were split out are many, and found another way."""
    was, now = _values(former), _values(changed)
    return {name: value for name, value in was.items() if value != now[name] and name != "anchors"}


def with_former(edits: Edits, former: dict[str, Any]) -> Edits:
    """The edits with what `former_values` kept put back."""
    return read_edits(json.dumps({**_values(edits), **former}))


def _values(edits: Edits) -> dict[str, Any]:
    said = asdict(edits)
    said["override"] = edits.override.model_dump(mode="json") if edits.override else None
    said["names"], said["done"] = ([list(pair) for pair in said[name]] for name in ("names", "done"))
    said["anchors"] = list(edits.anchors)
    return said
