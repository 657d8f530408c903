"""What the functions declare, and what follows from it for each persona."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cgraph.core.policies import Policy
from cgraph_local.api_documents.inventory import HttpFunction, http_functions, socket_actions
from cgraph_local.core.home import CHECKOUT
from tests.proofs.cast import NO_SOCKET, ROLES, Persona
from tests.proofs.recipes import NOT_SUBSCRIBED, Recipe

Refused = tuple[int, str]

NOT_ALLOWED: Refused = (403, "not_allowed")
BLOCKED: Refused = (403, "blocked")
NOT_FOR_TWO: Refused = (422, "invalid_members")

FINER: Mapping[tuple[str, Persona], Refused] = {
    ("send_message", Persona.BLOCKED): BLOCKED,
    ("send", Persona.BLOCKED): BLOCKED,
    ("start_conversation", Persona.BLOCKED): BLOCKED,
    ("add_reaction", Persona.BLOCKED): BLOCKED,
    ("react", Persona.BLOCKED): BLOCKED,
    ("typing", Persona.FORMER): NOT_SUBSCRIBED,
    ("typing", Persona.STRANGER): NOT_SUBSCRIBED,
    ("typing", Persona.ELSEWHERE): NOT_SUBSCRIBED,
    ("remove_member, oneself", Persona.OWNER): (409, "ownership_transfer_required"),
    ("remove_member, oneself", Persona.EQUAL): NOT_FOR_TWO,
    ("remove_member, oneself", Persona.BLOCKED): NOT_FOR_TWO,
}
"""What the policy allows, and a rule between two people or of the socket does not."""


@dataclass(frozen=True, slots=True)
class Declared:
    """`ask`: the method and path, or the action. `fields`: of its body, or its data."""

    ask: str
    policy: Policy
    fields: frozenset[str]


def declared() -> dict[str, Declared]:
    """Of each function that people call, by its name."""
    functions = CHECKOUT / "functions"
    routes = {
        each.name: Declared(f"{method.upper()} {path}", each.app.state.policy, _fields(each))
        for each in http_functions(functions)
        for path, method in each.operations
    }
    actions = {
        each.name: Declared(each.name, each.policy, frozenset(each.data.model_fields))
        for each in socket_actions(functions)
    }
    return routes | actions


def function_of(name: str) -> str:
    """Of a recipe."""
    return name.partition(",")[0]


def expected(name: str, recipe: Recipe, policy: Policy, persona: Persona) -> Refused | None:
    """From the policy's fields, on purpose not by `policies.allows`."""
    if not policy.signed_in:
        return None
    if persona is Persona.ANONYMOUS:
        return (401, NO_SOCKET if recipe.action else "authentication_required")
    if persona is Persona.REVOKED:
        return (401, "authentication_required" if recipe.action else "invalid_token")
    if recipe.about == "another's":
        return recipe.hidden
    if (policy.roles or policy.author or policy.direct or policy.target) and not (
        persona in ROLES and _is_one_of(policy, recipe, persona)
    ):
        return NOT_ALLOWED if persona in ROLES else recipe.hidden
    return FINER.get((name, persona))


def _is_one_of(policy: Policy, recipe: Recipe, persona: Persona) -> bool:
    return (
        ROLES[persona] in policy.roles
        or (policy.author and persona is Persona.AUTHOR)
        or (policy.direct and persona in (Persona.EQUAL, Persona.BLOCKED))
        or (policy.target and recipe.about == "oneself")
    )


def _fields(function: HttpFunction) -> frozenset[str]:
    """All of the models that the route takes as its body."""
    models = [param.field_info.annotation for param in function.route.dependant.body_params]
    return frozenset(name for model in models if model is not None for name in model.model_fields)
