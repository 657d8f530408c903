"""Push messages and mails on a healthy day, and their faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cgraph_local.template.pseudo_parameters import STACK_NAME
from tests.proofs.alarms.published import aws
from tests.proofs.alarms.series import MetricId

if TYPE_CHECKING:
    from tests.proofs.alarms.faults import Moment

QUEUES = ("DeliveryQueue", "WebPushQueue", "PhonePushQueue", "MailQueue", "MailFeedbackQueue")
AGE, WAITING = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"


def own(name: str) -> MetricId:
    return MetricId.of("CGraph", name, {"service": STACK_NAME})


PRINTED = frozenset({own("web_push.failed"), own("phone_push.failed"), own("mail.failed")})
"""Only by what fails outside of this machine: tests/feature/workers has functions print it."""


def reports(*, lone: bool) -> dict[MetricId, list[float]]:
    """Of a minute. `lone`: in which everything that may happen once does."""
    return {
        **{aws("AWS/SQS", AGE, QueueName=name): [900 if lone else 2] for name in QUEUES},
        **{aws("AWS/SQS", WAITING, QueueName=_dead_letters(name)): [0] for name in QUEUES},
        aws("AWS/SQS", AGE, QueueName="NotificationsQueue"): [180 if lone else 2],
        aws("AWS/SQS", WAITING, QueueName="NotificationsDeadLetters"): [0],
        aws("AWS/SES", "Reputation.BounceRate"): [0.02 if lone else 0.004],
        aws("AWS/SES", "Reputation.ComplaintRate"): [0.0004 if lone else 0.0001],
        own("web_push.failed"): [3 if lone else 0],
        own("phone_push.failed"): [3 if lone else 0],
        own("mail.failed"): [2 if lone else 0],
    }


def _gauge(metric: MetricId, value: float) -> Callable[[Moment], None]:
    return lambda now: now.report(metric, value)


def _dead_letters(queue: str) -> str:
    return queue.replace("Queue", "DeadLetters")


FAULTS = [
    *(
        (
            "DeliveriesLate",
            f"{name} is not read",
            _gauge(aws("AWS/SQS", AGE, QueueName=name), 3600),
            20,
        )
        for name in QUEUES
    ),
    *(
        (
            "DeliveriesDead",
            f"a job of {name} failed at each try",
            _gauge(aws("AWS/SQS", WAITING, QueueName=_dead_letters(name)), 1),
            10,
        )
        for name in QUEUES
    ),
    ("WebPushFailed", "the key is another one", _gauge(own("web_push.failed"), 4), 40),
    ("PhonePushFailed", "the key was revoked", _gauge(own("phone_push.failed"), 4), 40),
    ("MailFailed", "the account is in the sandbox", _gauge(own("mail.failed"), 3), 15),
    (
        "MailBounces",
        "addresses were bought",
        _gauge(aws("AWS/SES", "Reputation.BounceRate"), 0.06),
        70,
    ),
    (
        "MailComplaints",
        "readers did not ask for mail",
        _gauge(aws("AWS/SES", "Reputation.ComplaintRate"), 0.002),
        70,
    ),
]
"""The alarm, what happens, and the minutes within which it must fire."""
