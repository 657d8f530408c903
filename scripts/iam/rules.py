"""What is wrong with a statement: each finding is a sentence."""

from collections.abc import Iterable, Iterator

from scripts.iam import table
from scripts.iam.globs import intersects
from scripts.iam.statements import RESOURCE, TRUST, Statement
from scripts.iam.table import Action

EVERYTHING = "*"
GLOBAL_KEYS = "aws:"
MIN_REASON = 20


def findings(statements: Iterable[Statement]) -> Iterator[str]:
    """Of all statements; those of one policy together, since a reason names one of them."""
    by_policy: dict[str, list[Statement]] = {}
    for statement in statements:
        by_policy.setdefault(statement.policy, []).append(statement)
    for policy, members in by_policy.items():
        for statement in members:
            yield from (f"{statement}: {finding}" for finding in _of_statement(statement))
        yield from _stale_reasons(policy, members)


def _of_statement(statement: Statement) -> Iterator[str]:
    if statement.unsupported:
        yield f"{' and '.join(statement.unsupported)} cannot be checked: say what is allowed"
    expanded = {pattern: table.expand(pattern) for pattern in statement.actions}
    yield from (f"there is no action {name}" for name, found in expanded.items() if not found)
    if statement.effect != "Allow" or statement.kind == TRUST:
        return
    if EVERYTHING in statement.actions:
        yield "it allows every action"
    exact = [found[0] for name, found in expanded.items() if found and "*" not in name]
    for action in exact:
        yield from _wrong_resources(statement, action)
        yield from _unknown_conditions(statement, action)
    every = [action for found in expanded.values() for action in found]
    yield from _unused_resources(statement, every)
    if statement.kind != RESOURCE:
        yield from _missing_reason(statement, every)


def _wrong_resources(statement: Statement, action: Action) -> Iterator[str]:
    if EVERYTHING in statement.resources:
        return
    if not action.resource_types:
        yield f"{action.name} cannot be narrowed to a resource: it must stand with *"
    elif not any(_takes(action, resource) for resource in statement.resources):
        types = ", ".join(each.arn_format for each in action.resource_types)
        yield f"no resource of it is one that {action.name} takes: {types}"


def _unused_resources(statement: Statement, actions: list[Action]) -> Iterator[str]:
    for resource in statement.resources:
        if resource != EVERYTHING and not any(_takes(action, resource) for action in actions):
            yield f"none of its actions takes the resource {resource}"


def _unknown_conditions(statement: Statement, action: Action) -> Iterator[str]:
    """A request does not have a key that its action does not know: the condition is never met."""
    for key in statement.condition_keys:
        name = key.partition("/")[0].lower()
        if not name.startswith(GLOBAL_KEYS) and name not in action.all_condition_keys:
            yield f"{action.name} has no condition key {key}, so it is never allowed"


def _missing_reason(statement: Statement, actions: list[Action]) -> Iterator[str]:
    if EVERYTHING not in statement.resources:
        return
    narrowable = sorted(action.name for action in actions if action.resource_types)
    reason = dict(statement.reasons).get(statement.sid, "")
    if narrowable and len(reason) < MIN_REASON:
        shown = ", ".join(narrowable[:3]) + (" …" if len(narrowable) > 3 else "")
        yield (
            f"it is for every resource, although resources can narrow {shown}: name them, or the "
            "reason in the Metadata of the template's resource, AnyResource: {Sid: reason}"
        )


def _stale_reasons(policy: str, statements: list[Statement]) -> Iterator[str]:
    used = {each.sid for each in statements if EVERYTHING in each.resources}
    for sid in sorted({sid for each in statements for sid, _ in each.reasons} - used):
        yield f"{policy}: AnyResource has a reason for {sid}, which is not for every resource"


def _takes(action: Action, resource: str) -> bool:
    return any(intersects(resource, each.arn_format) for each in action.resource_types)
