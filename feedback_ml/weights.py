"""The weights of the ranking, read from a file and checked: points and the reason for each."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS = Path(__file__).parent / "weights.json"
PARTS = ("people", "severity", "trend", "rating", "recency", "reach", "equity", "effort")


class WeightsError(ValueError):
    """Weights that cannot be used; the message names the part and says what to do."""


@functools.cache
def shipped_weights() -> dict[str, float]:
    """Read the weights that ship."""
    return read_weights(WEIGHTS)


def read_weights(path: Path) -> dict[str, float]:
    """Read `{part: {"weight": points, "reason": text}}`; a part left out weighs nothing.

    OSError when the file cannot be read, WeightsError when it does not say that.
    """
    try:
        told = json.loads(path.read_bytes())
    except ValueError as error:
        raise WeightsError(f"{path.name}: not JSON ({error})") from None
    if not isinstance(told, dict):
        raise WeightsError(f'{path.name}: write an object of parts, as {{"people": {{"weight": 85, ...}}}}')
    weights = {part: _weight(path.name, part, entry) for part, entry in told.items()}
    scaled(weights)
    return weights


def _weight(name: str, part: str, entry: Any) -> float:
    if not isinstance(entry, dict) or set(entry) != {"weight", "reason"}:
        raise WeightsError(f'{name}: {part!r}: write {{"weight": points, "reason": "why"}}')
    weight, reason = entry["weight"], entry["reason"]
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise WeightsError(f"{name}: {part!r}: field 'weight' must be a number")
    if not isinstance(reason, str) or not reason.strip():
        raise WeightsError(f"{name}: {part!r}: field 'reason' must say why, in words")
    return float(weight)


def scaled(weights: Mapping[str, float]) -> dict[str, float]:
    """Every part's points, so that they sum to 100. WeightsError for an unknown part or a wrong number."""
    if unknown := set(weights) - set(PARTS):
        raise WeightsError(f"unknown part {min(unknown)!r}: the parts are {', '.join(PARTS)}")
    if not all(0 <= weight < math.inf for weight in weights.values()) or not sum(weights.values()):
        raise WeightsError("weights must be 0 or more, and one of them more than 0")
    total = sum(weights.values())
    return {part: 100 * weights.get(part, 0.0) / total for part in PARTS}
