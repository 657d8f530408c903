"""A function may do what its code leads to, and nothing else.

Nothing refuses a missing permission before AWS does, so it is read from the code here and compared
with the roles of the translated template, down to actions and resources.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.permissions import LAMBDA, Grant, Permission, grants
from tests.contract.checkout import Checkout, Declared, Kind

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

WORKERS_ONLY = "AWSLambdaSQSQueueExecutionRole"


def functions_may_what_they_do(checkout: Checkout) -> Iterator[str]:
    given = grants(checkout.translated)
    for name, probe in checkout.probes.items():
        if not probe.error:
            leads_to = set(probe.leads_to)
            yield from _differences(name, leads_to, given=given[name], all_given=given)


def lambda_does_what_the_event_needs(checkout: Checkout) -> Iterator[str]:
    """AWS's own policies are Lambda's, not the code's; and only those."""
    for name, given in grants(checkout.translated).items():
        theirs = {grant.policy for grant in given if grant.permission.resource == "*"}
        for policy in sorted(theirs - set(_lambdas(checkout.declared[name]))):
            yield f"{name} has {policy}, which nothing of it needs"


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


def _differences(
    name: str, leads_to: set[str], *, given: list[Grant], all_given: dict[str, list[Grant]]
) -> Iterator[str]:
    needed = {
        permission: use
        for use in USES
        if leads_to.issuperset(use.signs)
        for permission in use.permissions
    }
    ours = {grant.permission: grant.policy for grant in given if grant.policy not in LAMBDA}
    for permission in sorted(needed.keys() - ours.keys()):
        policies = {
            grant.policy
            for each in all_given.values()
            for grant in each
            if grant.permission == permission
        }
        allows = f"add !Ref {' or '.join(sorted(policies))}" if policies else "no capability does"
        sign = " and ".join(needed[permission].signs)
        yield f"{name} leads to {sign}, which needs {permission}: {allows} to its Policies"
    for permission in sorted(ours.keys() - needed.keys()):
        yield f"{name} never does {permission}, which {ours[permission]} allows"


def _lambdas(function: Declared) -> Iterator[str]:
    yield from LAMBDA.keys() - {WORKERS_ONLY}
    if function.kind is Kind.QUEUE:
        yield WORKERS_ONLY
