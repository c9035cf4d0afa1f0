"""The sentences people read, in the product's two languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schemas.common import Tongue


@cache
def catalogue() -> dict[str, Any]:
    return dict(json.loads((Path(__file__).parent / "messages.json").read_text(encoding="utf-8")))


class _Gaps(dict[str, str]):
    """A word that a sentence wants and nobody gave is left out rather than an error about an error."""

    def __missing__(self, name: str) -> str:
        return ""


def fault_sentence(fault: str, tongue: Tongue, words: dict[str, str]) -> str:
    faults = catalogue()["faults"]
    return str(faults.get(fault, faults[""])[tongue].format_map(_Gaps(words)))


def problem_words(kind: str, tongue: Tongue, words: dict[str, str]) -> tuple[int, str, str]:
    """(HTTP status, title, detail) of a kind of problem."""
    row = catalogue()["problems"][kind]
    title, detail = row[tongue]
    return int(row["status"]), title, detail.format_map(_Gaps(words)).strip()


def open311_words(tongue: Tongue) -> dict[str, str]:
    """What clients of Open311 show beside names and dates."""
    return {name: str(said[tongue]) for name, said in catalogue()["open311"].items()}


def code_text(code: str, tongue: Tongue) -> str:
    """What goes to a telephone with a one-time code."""
    return str(catalogue()["codes"]["text"][tongue].format(code=code))


def notice_sentence(
    event: str,
    tongue: Tongue,
    reference: str,
    *,
    to_office: bool = False,
    words: Mapping[str, str] | None = None,
) -> str:
    """What a notice says to a citizen or to an office. `words` ending in _en or _ur are of that tongue."""
    told = catalogue()["office_notices" if to_office else "notices"]
    said = words or {}
    own = {name.removesuffix(f"_{tongue}"): word for name, word in said.items()}
    return str(told[event][tongue].format_map(_Gaps({**own, "reference": reference})))


def message_text(
    event: str,
    tongue: Tongue,
    reference: str,
    *,
    to_office: bool,
    words: Mapping[str, str] | None = None,
) -> str:
    """The same outside the app, with who says it; without a reference only that there is something."""
    frames = catalogue()["messages"]
    if not reference:
        return str(frames["discreet"][tongue])
    sentence = notice_sentence(event, tongue, reference, to_office=to_office, words=words)
    return str(frames["frame"][tongue].format(sentence=sentence))


def email_text(text: str, tongue: Tongue, reference: str) -> tuple[str, str]:
    """(Subject, text) of an e-mail that says `text`."""
    words = catalogue()["messages"]
    subject = str(words["subject"][tongue].format(reference=reference)).strip()
    return subject, f"{text}\n\n{words['footer'][tongue]}\n"


def tongue_of(accept_language: str) -> Tongue:
    """The first of `ur` and `en` in an Accept-Language header, by weight; English when neither is there."""
    weighed: list[tuple[float, int, Tongue]] = []
    for place, part in enumerate(accept_language.split(",")):
        name, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        primary = name.split("-")[0].strip().lower()
        if primary == "ur" and weight > 0:
            weighed.append((-weight, place, "ur"))
        if primary == "en" and weight > 0:
            weighed.append((-weight, place, "en"))
    return min(weighed)[2] if weighed else "en"


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
