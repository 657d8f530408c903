"""The worker of push messages to phones: gives each to Apple's or Google's service. It runs outside
the VPC.
"""

from cgraph.core import metrics
from cgraph.core.settings import settings
from cgraph.notifications.delivery.phones import apns, fcm
from cgraph.notifications.delivery.phones.messages import PhonePushJob
from cgraph.notifications.delivery.push_attempts import Channel, Refused, follow_up, report_sent


async def send_phone_push(job: PhonePushJob) -> None:
    """A token that has ended is reported to the delivery queue; what may succeed later is tried
    again later. Raises QueueUnavailable.
    """
    channel = Channel("phone_push", settings().phone_push_queue_url)
    refused = await _give(job)
    if refused is None:
        report_sent(job, via=channel)
    elif follow_up(job, refused, via=channel):
        metrics.count("phone_push.failed")


async def _give(job: PhonePushJob) -> Refused | None:
    """None where the service took it."""
    send = apns.send if job.platform == "apns" else fcm.send
    try:
        return await send(job)
    except OSError as error:
        return Refused("later", repr(error))
    except (KeyError, ValueError) as error:  # never the text, which could have the key
        return Refused("later", f"the secret is not usable: {type(error).__name__}")
