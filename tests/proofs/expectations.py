"""What the functions declare, and what follows from it for each persona."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cgraph.core.policies import Policy
from cgraph_local.api_documents.inventory import HttpFunction, http_functions, socket_actions
from cgraph_local.core.home import CHECKOUT
from tests.proofs.personas import NO_SOCKET, Persona
from tests.proofs.route_cases import Refusal, RouteCase, Target
from tests.proofs.scenes import SceneKind

NOT_ALLOWED: Refusal = (403, "not_allowed")


@dataclass(frozen=True, slots=True)
class Declared:
    """`operation`: the method and path, or the action. `fields`: those of its body or data.
    `folder`: of its file.
    """

    operation: str
    policy: Policy
    fields: frozenset[str]
    folder: str


@cache
def declared_functions() -> Mapping[str, Declared]:
    """Of each function that users call, by its name."""
    functions = CHECKOUT / "functions"
    routes = {
        each.name: Declared(
            f"{method.upper()} {path}", each.app.state.policy, _fields(each), each.feature
        )
        for each in http_functions(functions)
        for path, method in each.operations
    }
    actions = {
        each.name: Declared(each.name, each.policy, frozenset(each.data.model_fields), "realtime")
        for each in socket_actions(functions)
    }
    return routes | actions


def function_of(name: str) -> str:
    """Of the name of a route case."""
    return name.partition(",")[0]


def expected_refusal(
    name: str, case: RouteCase, policy: Policy, *, kind: SceneKind, persona: Persona
) -> Refusal | None:
    """From the policy's fields, on purpose not by `policies.allows`. None: the call succeeds."""
    if not policy.signed_in:
        return None
    if persona is Persona.ANONYMOUS:
        return (401, NO_SOCKET if case.action else "authentication_required")
    if persona is Persona.REVOKED:
        return (401, "authentication_required" if case.action else "invalid_token")
    if case.target is Target.OTHER_USER:
        return case.hidden
    if policy.roles or policy.author or policy.direct or policy.target:
        if persona not in kind.roles:
            return case.hidden
        if not _is_allowed(policy, case, kind=kind, persona=persona):
            return NOT_ALLOWED
    return kind.rules.get((name, persona))


def _is_allowed(policy: Policy, case: RouteCase, *, kind: SceneKind, persona: Persona) -> bool:
    return (
        kind.roles[persona] in policy.roles
        or (policy.author and persona is Persona.AUTHOR)
        or (policy.direct and persona in kind.direct)
        or (policy.target and case.target is Target.CALLER)
    )


def _fields(function: HttpFunction) -> frozenset[str]:
    """All of the models that the route takes as its body."""
    models = [param.field_info.annotation for param in function.route.dependant.body_params]
    return frozenset(name for model in models if model is not None for name in model.model_fields)
