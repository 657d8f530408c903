"""What CloudFormation calls to create, read, update and delete the resources of a stage, and
whether its role may. The actions are those of AWS's resource schemas, which cfn-lint brings along.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.iam import table
from scripts.iam.globs import intersects, matches
from scripts.iam.statements import Statement
from scripts.iam.table import Action

NOTES = Path(__file__).with_name("needs.toml")
HANDLERS = ("create", "read", "update", "delete")


@dataclass(frozen=True, slots=True)
class Notes:
    """`unneeded`: a reason for each action that a schema lists and our templates never cause, by
    `action` or `type action`. `without_schema`: the actions of types whose schema lists none.
    `touched`: ARNs that an action touches beside the resource it is about.
    """

    unneeded: Mapping[str, str]
    without_schema: Mapping[str, Sequence[str]]
    touched: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, path: Path = NOTES) -> "Notes":
        notes = tomllib.loads(path.read_text())
        return cls(notes["unneeded"], notes["without_schema"], notes["touched"])


def findings(
    types: Sequence[str], allowed: Sequence[Statement], *, schemas: Path, notes: Notes
) -> Iterator[str]:
    """`types`: of the resources of a stage. `allowed`: the statements of CloudFormation's role."""
    needed = _needed(types, handlers=_read_handlers(schemas), notes=notes)
    yield from needed.pop("", [])
    for name, causes in sorted(needed.items()):
        action = table.find(name)
        if action is None:  # schemas also list what is no action of IAM, such as s3:GetBucketCors
            continue
        for missing in _missing(action, allowed, touched=notes.touched.get(action.name, ())):
            yield f"CloudFormation needs {action.name}{missing}, for {', '.join(causes[:3])}"


def _needed(
    types: Sequence[str], *, handlers: Mapping[str, list[str]], notes: Notes
) -> dict[str, list[str]]:
    """The types that cause each action; under an empty name what is not known."""
    needed: dict[str, list[str]] = {}
    used: set[str] = set()
    for kind in types:
        actions = notes.without_schema.get(kind) or handlers.get(kind)
        if actions is None:
            text = f"the schema of {kind} lists no actions: add them to scripts/iam/needs.toml"
            needed.setdefault("", []).append(text)
            continue
        for action in actions:
            note = next((key for key in (action, f"{kind} {action}") if key in notes.unneeded), "")
            if note:
                used.add(note)
            else:
                needed.setdefault(action, []).append(kind)
    for note in sorted(notes.unneeded.keys() - used):
        text = f"scripts/iam/needs.toml: no schema of ours lists {note} any more"
        needed.setdefault("", []).append(text)
    return needed


def _read_handlers(schemas: Path) -> dict[str, list[str]]:
    handlers = {}
    for path in schemas.glob("*.json"):
        schema = json.loads(path.read_text())
        if "handlers" in schema:
            lists = (schema["handlers"].get(name, {}).get("permissions", ()) for name in HANDLERS)
            names = {action for actions in lists for action in actions}
            handlers[schema["typeName"]] = sorted(names)
    return handlers


def _missing(
    action: Action, allowed: Sequence[Statement], *, touched: Sequence[str]
) -> Iterator[str]:
    """Nothing where the role may; otherwise what is missing after the action's name."""
    resources = {
        resource
        for statement in allowed
        if statement.effect == "Allow"
        and any(matches(pattern, action.name) for pattern in statement.actions)
        for resource in statement.resources
    }
    if "*" in resources:
        return
    if not action.resource_types:
        yield " on *"
        return
    required = [[each.arn_format] for each in action.resource_types if each.required]
    for formats in required or [[each.arn_format for each in action.resource_types]]:
        if not any(intersects(pattern, form) for pattern in resources for form in formats):
            yield f" on {' or '.join(formats)}"
    for arn in touched:
        if not any(matches(pattern, arn) for pattern in resources):
            yield f" on {arn}"
