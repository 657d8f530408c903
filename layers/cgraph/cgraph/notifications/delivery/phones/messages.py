"""Push messages to phones as jobs: made in the VPC, where Postgres is, and sent outside of it by a
function that has the keys of Apple's and Google's services, and no database.
"""

import time
from typing import Literal

from cgraph.notifications.delivery.models import ContentRow, RecipientRow, SubscriptionRow
from cgraph.notifications.delivery.push_attempts import PushJob
from cgraph.notifications.delivery.sentences import push_data

RINGING = 2

PhonePlatform = Literal["apns", "fcm"]


class PhonePushJob(PushJob):
    """`text`: the beginning of what it is about, empty where the user does not want it shown.
    `badge`: the number on the app's icon. `collapse_id`: a later message with the same one replaces
    this one. `thread_id`: with which others it is shown. `data`: for the app.
    """

    platform: PhonePlatform
    token: str
    title: str
    text: str
    badge: int
    collapse_id: str
    thread_id: str
    is_urgent: bool
    data: dict[str, str]


def phone_push_job(
    content: ContentRow, *, to: SubscriptionRow, recipient: RecipientRow
) -> PhonePushJob:
    """`to`: a device with the platform `apns` or `fcm`."""
    data = push_data(content, to=recipient)
    references = {
        f"{name}_{part}": reference[part]
        for name in ("place", "target")
        if (reference := data.get(name)) is not None
        for part in ("kind", "id")
    }
    return PhonePushJob(
        device_id=to.id,
        made_at=time.time(),
        platform="apns" if to.platform == "apns" else "fcm",
        token=to.endpoint,
        title=data["title"],
        text=data.get("text", ""),
        badge=recipient.unread,
        collapse_id=data["id"],
        thread_id=references.get("place_id", data["kind"]),
        is_urgent=content.level >= RINGING,
        data={"id": data["id"], "kind": data["kind"], **references},
    )
