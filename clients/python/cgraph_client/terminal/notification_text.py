"""Notifications as lines of text."""

from __future__ import annotations

from cgraph_client.models.notifications import Notification
from cgraph_client.terminal.formatting import sanitize, truncate

_WHAT = {
    "mention": "mentioned you",
    "broadcast": "mentioned everybody",
    "reply": "answered you",
    "direct_message": "wrote to you",
    "message": "wrote",
    "reaction": "reacted to your message",
    "comment": "commented",
    "answer_accepted": "accepted your answer",
    "new_post": "posted",
    "invitation": "added you to a conversation",
    "membership_request": "wants to become a member",
    "membership_decision": "Your request to become a member was decided",
    "removal": "Something that you wrote was removed",
    "restoration": "Something that you wrote is there again",
    "approval": "Something that you wrote was approved",
    "warning": "You were warned",
    "ban": "You were banned",
    "unban": "Your ban is over",
    "appeal": "Your appeal was decided",
    "report_claimed": "A moderator looks after your report",
    "report_resolved": "Your report was decided",
}


def describe_notification(notification: Notification) -> str:
    """In one line: Ada and 4 others answered you in tea: …"""
    what = _WHAT.get(notification.kind, notification.kind)
    who = _who(notification)
    times = f" {notification.event_count} times" if notification.event_count > 1 else ""
    place = notification.place.name if notification.place and notification.place.name else ""
    where = f" in {place}" if place else ""
    text = f": {truncate(notification.excerpt, width=50)}" if notification.excerpt else ""
    return sanitize(f"{who}{what}{times}{where}{text}")


def _who(notification: Notification) -> str:
    if not notification.actors:
        return ""
    others = notification.actor_count - 1
    more = "" if others < 1 else f" and {others} other{'s' if others > 1 else ''}"
    return f"{notification.actors[0].username}{more} "
