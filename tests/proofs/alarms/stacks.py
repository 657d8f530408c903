"""The alarms of the templates, resolved for a size, with the names that the proofs use."""

from __future__ import annotations

from typing import Any

from cgraph_local.template.intrinsics import Intrinsics
from cgraph_local.template.pseudo_parameters import STACK_NAME
from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.infrastructure import resolved
from tests.proofs.alarms.alarm import Alarm

VERSION = "1"
"""Of each function with an alias, here and in the local cloud."""
QUEUES_AND_TIMERS = (
    *("PushQueue", "FlushQueue", "SocketQueue", "LogQueue", "SearchQueue"),
    *("OpensearchQueue", "OpensearchDeadLetters", "MediaQueue", "MediaDeadLetters"),
    *("PushDeadLetters", "FlushDeadLetters", "SocketDeadLetters"),
    *("LogDeadLetters", "SearchDeadLetters"),
    *("DeliveryQueue", "WebPushQueue", "PhonePushQueue", "MailQueue", "MailFeedbackQueue"),
    *(
        "DeliveryDeadLetters",
        "WebPushDeadLetters",
        "PhonePushDeadLetters",
        "MailDeadLetters",
        "MailFeedbackDeadLetters",
    ),
    *("StartDeliveries", "NotificationsQueue", "NotificationsDeadLetters"),
    *("PreviewsQueue", "PreviewsDeadLetters", "PreviewFetchQueue", "PreviewFetchDeadLetters"),
    *("MakePartitions", "ExpireNonces", "WatchConsumers", "SweepUploads"),
)
PARAMETERS = {
    "Name": STACK_NAME,
    "ApiId": "http",
    "SocketApiId": "sockets",
    "AccountConcurrency": "1000",
    **{name: name for name in QUEUES_AND_TIMERS},
    "MediaDistribution": "EMEDIA",
    "ApiDistribution": "EAPI",
    "Topic": "",
}


def read_alarms(size: str) -> dict[str, Alarm]:
    """By logical id, of all templates."""
    return {name: Alarm.read(name, each) for name, each in read_properties(size).items()}


def read_properties(size: str) -> dict[str, dict[str, Any]]:
    alarms = root_alarms(size)
    for stack in ("observability", "edge_alarms", "search_alarms", "delivery_alarms"):
        for name, properties in resolved(stack, size=size, **PARAMETERS).items():
            if "AlarmDescription" in properties:
                assert name not in alarms, f"two alarms have the name {name}"
                alarms[name] = properties
    return alarms


def root_alarms(size: str) -> dict[str, dict[str, Any]]:
    template = Checkout(CHECKOUT).translated
    declared = template["Parameters"].items()
    intrinsics = Intrinsics(
        template,
        parameters={name: each.get("Default", "") for name, each in declared} | {"Size": size},
        return_value=lambda resource, attribute: VERSION if attribute == "Version" else resource,
    )
    return {
        name: intrinsics.resolve(resource["Properties"])
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
