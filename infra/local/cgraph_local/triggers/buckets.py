"""Creates buckets and their notifications.

The emulator sends S3 notifications to a queue, and a poller passes them to the function. The queue
delivers an event three times at most, like Lambda's asynchronous invocations.
"""

from collections.abc import Iterable
from xml.etree import ElementTree

import aiohttp

from cgraph_local.core.endpoints import Endpoints
from cgraph_local.template import Bucket, BucketTrigger, Queue
from cgraph_local.triggers.queues import queue_arn

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
VERSIONING = (
    f'<VersioningConfiguration xmlns="{NAMESPACE}"><Status>Enabled</Status>'
    "</VersioningConfiguration>"
).encode()


class BucketFailed(Exception):
    """The emulator refused to create a bucket or its notifications."""


def notification_queue(trigger: BucketTrigger) -> Queue:
    return Queue(
        name=f"local-{trigger.bucket}-to-{trigger.function}",
        fifo=False,
        visibility_timeout=60,
        dead_letter=notification_dead_letters(trigger).name,
        max_receives=3,
        delay=0,
        retention=345_600,
        receive_wait=0,
        deduplicates_content=False,
    )


def notification_dead_letters(trigger: BucketTrigger) -> Queue:
    return Queue(
        name=f"local-{trigger.bucket}-to-{trigger.function}-failed",
        fifo=False,
        visibility_timeout=60,
        dead_letter=None,
        max_receives=None,
        delay=0,
        retention=1_209_600,
        receive_wait=0,
        deduplicates_content=False,
    )


async def ensure_buckets(
    endpoints: Endpoints, *, buckets: Iterable[Bucket], triggers: Iterable[BucketTrigger]
) -> None:
    """The notification queues must exist already. Raises BucketFailed."""
    triggers = list(triggers)
    headers = endpoints.credentials.emulator_headers("s3")
    async with aiohttp.ClientSession(headers=headers) as session:
        for bucket in buckets:
            url = f"{endpoints.emulator_url}/{bucket.name}"
            await _put(session, url, content=b"", accepted={200, 409})
            if bucket.versioned:
                await _put(session, f"{url}?versioning", content=VERSIONING)
            if bucket.queue:
                content = _queue_notification(bucket)
                await _put(session, f"{url}?notification", content=content)
            own_triggers = [trigger for trigger in triggers if trigger.bucket == bucket.name]
            if own_triggers:
                await _put(
                    session,
                    f"{url}?notification",
                    content=_notifications(own_triggers),
                )


async def _put(
    session: aiohttp.ClientSession, url: str, *, content: bytes, accepted: set[int] | None = None
) -> None:
    async with session.put(url, data=content) as response:
        if response.status not in (accepted or {200}):
            raise BucketFailed(f"{url}: {response.status} {await response.text()}")


def _queue_notification(bucket: Bucket) -> bytes:
    root = ElementTree.Element("NotificationConfiguration", xmlns=NAMESPACE)
    configuration = ElementTree.SubElement(root, "QueueConfiguration")
    ElementTree.SubElement(configuration, "Id").text = "created"
    ElementTree.SubElement(configuration, "Queue").text = queue_arn(bucket.queue)
    ElementTree.SubElement(configuration, "Event").text = "s3:ObjectCreated:*"
    _filter(configuration, prefix=bucket.prefix, suffix="")
    return ElementTree.tostring(root)


def _filter(configuration: ElementTree.Element, *, prefix: str, suffix: str) -> None:
    key = ElementTree.SubElement(ElementTree.SubElement(configuration, "Filter"), "S3Key")
    for name, value in (("prefix", prefix), ("suffix", suffix)):
        rule = ElementTree.SubElement(key, "FilterRule")
        ElementTree.SubElement(rule, "Name").text = name
        ElementTree.SubElement(rule, "Value").text = value


def _notifications(triggers: Iterable[BucketTrigger]) -> bytes:
    root = ElementTree.Element("NotificationConfiguration", xmlns=NAMESPACE)
    for trigger in triggers:
        configuration = ElementTree.SubElement(root, "QueueConfiguration")
        ElementTree.SubElement(configuration, "Id").text = trigger.function
        ElementTree.SubElement(configuration, "Queue").text = queue_arn(
            notification_queue(trigger).name
        )
        for event in trigger.events:
            ElementTree.SubElement(configuration, "Event").text = event
        _filter(configuration, prefix=trigger.prefix, suffix=trigger.suffix)
    return ElementTree.tostring(root)
