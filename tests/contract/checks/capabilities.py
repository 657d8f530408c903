"""A function may do what its code leads to, and nothing else.

Nothing refuses a missing permission before AWS does, so it is read from the code here and compared
with the roles of the translated template, down to actions and resources.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.permissions import Permission, capabilities
from tests.contract.checkout import Checkout
from tests.contract.roles import advice, service_policies

SOCKETS = "SocketApi/StageName/{}/@connections/*"


@dataclass(frozen=True, slots=True)
class Use:
    """Code that leads to all of `signs` needs all of `permissions`."""

    signs: tuple[str, ...]
    permissions: tuple[Permission, ...]


def _use(*signs: str, action: str, on: tuple[str, ...]) -> Use:
    return Use(signs, tuple(Permission(action, resource) for resource in on))


USES = (
    _use(
        "cgraph.core.database._connect",
        action="rds-db:connect",
        on=("dbuser:Database.ProxyId/Database.User",),
    ),
    _use(
        "cgraph.core.bootstrap.bootstrap",
        action="rds-db:connect",
        on=("dbuser:Database.ProxyId/Database.Owner",),
    ),
    _use("cgraph.core.cache.run", action="elasticache:Connect", on=("Cache.Arn", "Cache.UserArn")),
    _use(
        "cgraph.core.queues.send",
        ".push_queue_url",
        action="sqs:SendMessage",
        on=("PushQueue", "SocketQueue"),
    ),
    _use(
        "cgraph.core.queues.ping",
        ".push_queue_url",
        action="sqs:GetQueueAttributes",
        on=("PushQueue",),
    ),
    _use(
        "cgraph.realtime.gateway.post",
        action="execute-api:ManageConnections",
        on=(SOCKETS.format("POST"),),
    ),
    _use(
        "cgraph.realtime.gateway.close",
        action="execute-api:ManageConnections",
        on=(SOCKETS.format("DELETE"),),
    ),
)

SERVICES = {"rds-db", "elasticache", "sqs", "execute-api"}
"""Those that USES knows."""

WAYS_TO_AWS = {"client", "resource", "presign", "signed_headers"}
"""Each names the service first."""


def functions_may_what_they_do(checkout: Checkout) -> Iterator[str]:
    for name, probe in checkout.probes.items():
        if not probe.error:
            yield from _differences(checkout, name, leads_to=set(probe.leads_to))


def every_service_is_known(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        for call in source.calls():
            called = call.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            first = call.args[0] if call.args else None
            if name not in WAYS_TO_AWS or not isinstance(first, ast.Constant):
                continue
            service = str(first.value)
            if service not in SERVICES:
                yield f"{source.path}:{call.lineno} speaks to {service}: USES must say for what"


def _differences(checkout: Checkout, name: str, *, leads_to: set[str]) -> Iterator[str]:
    role = checkout.role_of(name)
    needed = {
        permission: " and ".join(use.signs)
        for use in USES
        if leads_to.issuperset(use.signs)
        for permission in use.permissions
    }
    allowed = {
        grant.permission: grant.policy for grant in role.grants if grant.policy not in role.aws
    }
    reasons = [
        f"it leads to {needed[permission]}, which needs {permission}"
        for permission in sorted(needed.keys() - allowed.keys())
    ] + [
        f"it never does {permission}, which {allowed[permission]} allows"
        for permission in sorted(allowed.keys() - needed.keys())
    ]
    if reasons:
        right = _role_for(checkout, name, needed=set(needed))
        yield "\n    ".join([f"{name} cannot have {role.name}: {right}", *reasons])


def _role_for(checkout: Checkout, name: str, *, needed: set[Permission]) -> str:
    fitting = {
        capability: permissions
        for capability, permissions in capabilities(checkout.translated).items()
        if permissions <= needed
    }
    for permission in sorted(needed.difference(*fitting.values())):
        return f"no capability allows {permission} and no more: add an AWS::IAM::ManagedPolicy"
    return advice(checkout, fitting.keys() | service_policies(checkout, name))
