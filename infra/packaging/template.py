"""The CloudFormation template: what Chalice makes of the routes, and what it cannot know laid over it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra.packaging.alarms import alarms
from infra.packaging.bundles import PROJECT, BuildError, bundle_of
from infra.packaging.gateway import gateway_responses

if TYPE_CHECKING:
    from infra.packaging.bundles import Target

FRAGMENTS = ("template.json", "functions.json")
"""In infra/: the tables and queues; and the settings of functions and gateway."""
FUNCTION = "AWS::Serverless::Function"
# Made by Chalice with the stage it was packaged for, which is not the stage this is deployed as.
CHALICE_TAG = "aws-chalice"
Template = dict[str, Any]


def fragments() -> list[Template]:
    """The parts of the template that are written by hand."""
    return [json.loads((PROJECT / "infra" / name).read_text(encoding="utf-8")) for name in FRAGMENTS]


def whole(made: Template, target: Target, stage: str) -> Template:
    """Chalice's template with the fragments, alarms and gateway answers; `stage` is only the default."""
    functions = logical_ids(made)
    template: Template = made
    for fragment in fragments():
        template = overlaid(template, fragment)
    template = overlaid(template, {"Resources": alarms(functions)})
    for name in functions:
        properties = template["Resources"][name]["Properties"]
        properties["Runtime"] = target.runtime
        properties["CodeUri"] = f"./{bundle_of(name).name}.zip"
        properties.get("Tags", {}).pop(CHALICE_TAG, None)
    template["Resources"]["RestAPI"]["Properties"]["GatewayResponses"] = gateway_responses()
    template["Parameters"]["Stage"]["Default"] = stage
    _check_types(template)
    return template


def logical_ids(template: Template) -> list[str]:
    """Every function of a template."""
    return sorted(name for name, each in template["Resources"].items() if each["Type"] == FUNCTION)


def overlaid(base: Any, over: Any) -> Any:
    """`over` laid over `base`, key by key. A reference such as Fn::Sub replaces what was there, whole."""
    if not isinstance(base, dict) or not isinstance(over, dict) or _refers(base) or _refers(over):
        return over
    return base | {name: overlaid(base[name], each) if name in base else each for name, each in over.items()}


def _refers(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _check_types(template: Template) -> None:
    """A fragment that names a function Chalice does not know leaves a resource without a type."""
    unknown = [name for name, each in template["Resources"].items() if "Type" not in each]
    if unknown:
        raise BuildError(f"infra/functions.json sets up what app.py has not: {', '.join(unknown)}")
