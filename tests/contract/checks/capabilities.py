"""The role of a function allows what its code calls on AWS, and nothing else.

The local cloud does not check permissions, so a missing one would only fail on AWS. Here the needed
permissions are read from the code and compared with the roles of the translated template, down to
actions and resources.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from cgraph_local.permissions import Permission, capabilities
from tests.contract.checkout import Checkout
from tests.contract.roles import advice, service_policies

CONSUMER_QUEUES = ("SearchQueue", "NotificationsQueue", "PreviewsQueue", "OpensearchQueue")
BUCKET = "StackName-media-AccountId"
SOCKETS = "SocketApi/StageName/{}/@connections/*"


@dataclass(frozen=True, slots=True)
class Use:
    """Code from which all of `functions` are reached needs all of `permissions`."""

    functions: tuple[str, ...]
    permissions: tuple[Permission, ...]


def _use(*functions: str, action: str, on: tuple[str, ...]) -> Use:
    return Use(functions, tuple(Permission(action, resource) for resource in on))


USES = (
    _use(
        "cgraph.core.database_connection.connect",
        action="rds-db:connect",
        on=("dbuser:Database.ProxyId/Database.User",),
    ),
    _use(
        "cgraph.core.bootstrap.bootstrap",
        action="rds-db:connect",
        on=("dbuser:Database.ProxyId/Database.Owner",),
    ),
    _use(
        "cgraph.system.inspection._connect",
        action="rds-db:connect",
        on=("dbuser:Database.ProxyId/Database.Operator",),
    ),
    _use("cgraph.core.cache.run", action="elasticache:Connect", on=("Cache.Arn", "Cache.UserArn")),
    *(
        _use(
            "cgraph.core.opensearch.request",
            action=f"es:ESHttp{method}",
            on=("domain/StackName/*",),
        )
        for method in ("Get", "Post", "Put", "Delete")
    ),
    _use(
        "cgraph.media.signing_key.signing_key",
        action="secretsmanager:GetSecretValue",
        on=("secret:StackName-media-*",),
    ),
    _use(
        "cgraph.core.queues.send",
        ".push_queue_url",
        action="sqs:SendMessage",
        on=("PushQueue", "FlushQueue", "SocketQueue", "LogQueue"),
    ),
    *(
        _use("cgraph.core.queues.send", attribute, action="sqs:SendMessage", on=(queue,))
        for attribute, queue in (
            (".log_queue_url", "LogQueue"),
            (".media_queue_url", "MediaQueue"),
            (".previews_queue_url", "PreviewsQueue"),
            (".preview_fetch_queue_url", "PreviewFetchQueue"),
            (".web_push_queue_url", "WebPushQueue"),
            (".phone_push_queue_url", "PhonePushQueue"),
            (".mail_queue_url", "MailQueue"),
            (".delivery_queue_url", "DeliveryQueue"),
        )
    ),
    _use(
        "cgraph.notifications.delivery.phones.sending.send_phone_push",
        action="secretsmanager:GetSecretValue",
        on=("secret:StackName-push-*",),
    ),
    _use(
        "cgraph.mail.sending.send_mail",
        action="ses:SendEmail",
        on=("identity/*", "configuration-set/StackName"),
    ),
    _use("cgraph.events.nudges.nudge", action="sqs:SendMessage", on=CONSUMER_QUEUES),
    _use(
        "cgraph.core.queues.set_visibility",
        action="sqs:ChangeMessageVisibility",
        on=(
            *("PushQueue", "FlushQueue", "SocketQueue", "LogQueue", "MediaQueue", *CONSUMER_QUEUES),
            *("DeliveryQueue", "WebPushQueue", "PhonePushQueue", "MailQueue", "MailFeedbackQueue"),
            "PreviewFetchQueue",
        ),
    ),
    *(
        _use(f"cgraph.media.{name}", action="s3:PutObject", on=(f"{BUCKET}/incoming/*",))
        for name in (
            "presigned_form.presigned_form",
            "storage.begin_parts",
            "storage.part_url",
            "storage.complete_parts",
        )
    ),
    _use(
        "cgraph.media.storage.arrived_parts",
        action="s3:ListMultipartUploadParts",
        on=(f"{BUCKET}/incoming/*",),
    ),
    *(
        _use("cgraph.media.storage.download", action=action, on=(f"{BUCKET}/incoming/*",))
        for action in ("s3:GetObject", "s3:GetObjectVersion")
    ),
    _use(
        "cgraph.media.storage.store_file",
        action="s3:PutObject",
        on=(f"{BUCKET}/media/*", f"{BUCKET}/public/*"),
    ),
    _use(
        "cgraph.media.storage.store_picture",
        action="s3:PutObject",
        on=(f"{BUCKET}/public/*",),
    ),
    _use("cgraph.media.storage.erase", action="s3:ListBucketVersions", on=(BUCKET,)),
    _use(
        "cgraph.media.storage.erase",
        action="s3:DeleteObjectVersion",
        on=(f"{BUCKET}/incoming/*", f"{BUCKET}/media/*", f"{BUCKET}/public/*"),
    ),
    _use(
        "cgraph.media.storage.abort_parts",
        action="s3:AbortMultipartUpload",
        on=(f"{BUCKET}/incoming/*",),
    ),
    _use(
        "cgraph.media.processing.scanner.require_clean",
        action="lambda:InvokeFunction",
        on=("function:MediaScanner",),
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

SERVICES = {
    *("rds-db", "elasticache", "sqs", "execute-api", "es"),
    *("secretsmanager", "ses", "s3", "lambda"),
}
"""The services in USES."""

AWS_CLIENT_FUNCTIONS = {"client", "resource", "presign", "signed_headers", "Signer"}
"""Functions whose first argument is the name of an AWS service."""


def roles_grant_what_the_code_uses(checkout: Checkout) -> Iterator[str]:
    for name, probe in checkout.probes.items():
        if not probe.error:
            yield from _differences(checkout, name, leads_to=set(probe.leads_to))


def every_aws_service_is_listed(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        for call in source.calls():
            called = call.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            first = call.args[0] if call.args else None
            if name not in AWS_CLIENT_FUNCTIONS or not isinstance(first, ast.Constant):
                continue
            service = str(first.value)
            if service not in SERVICES:
                yield f"{source.path}:{call.lineno} calls {service}, which USES does not list"


def _differences(checkout: Checkout, name: str, *, leads_to: set[str]) -> Iterator[str]:
    role = checkout.role_of(name)
    needed = {
        permission: " and ".join(use.functions)
        for use in USES
        if leads_to.issuperset(use.functions)
        for permission in use.permissions
    }
    allowed = {
        grant.permission: grant.policy
        for grant in role.grants
        if grant.policy not in role.aws_policies
    }
    reasons = [
        f"its code calls {needed[permission]}, which needs {permission}"
        for permission in sorted(needed.keys() - allowed.keys())
    ] + [
        f"its code never uses {permission}, which {allowed[permission]} allows"
        for permission in sorted(allowed.keys() - needed.keys())
    ]
    if reasons:
        correct_role = _role_for(checkout, name, needed=set(needed))
        yield "\n    ".join([f"{name} cannot have {role.name}: {correct_role}", *reasons])


def _role_for(checkout: Checkout, name: str, *, needed: set[Permission]) -> str:
    usable = {
        capability: permissions
        for capability, permissions in capabilities(checkout.translated).items()
        if permissions <= needed
    }
    largest = [
        capability
        for capability, permissions in usable.items()
        if not any(permissions < other for other in usable.values())
    ]
    for permission in sorted(needed.difference(*usable.values())):
        return f"no capability allows {permission} and no more: add an AWS::IAM::ManagedPolicy"
    return advice(checkout, {*largest} | service_policies(checkout, name))
