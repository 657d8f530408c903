"""Which push messages and mails must have been sent: a reference without a database, for R23."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.feature.notifications.reference import Key

RINGING = frozenset({"mention", "reply", "broadcast", "direct_message", "invitation"})
PUSH_AFTER, MAIL_AFTER, PUSH_AGAIN = (
    timedelta(seconds=10),
    timedelta(minutes=5),
    timedelta(minutes=1),
)


@dataclass(slots=True)
class Wishes:
    """How a user wants to be notified outside of the API; `devices`: that get push messages."""

    push: bool = True
    mail: str = "off"
    quiet: tuple[time, time] | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    devices: int = 0

    def after_quiet(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours in which it is."""
        local = at.astimezone(self.zone)
        if self.quiet is None:
            return at
        begins, ends = self.quiet
        day, now = local.date(), local.time()
        if not (begins <= now < ends if begins < ends else now >= begins or now < ends):
            return at
        day += timedelta(days=1) if now >= ends else timedelta()
        return datetime.combine(day, ends, self.zone).astimezone(UTC)

    def next_digest(self, at: datetime) -> datetime:
        if self.mail == "hourly":
            return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        local = at.astimezone(self.zone)
        day = local.date() + timedelta(days=1 if local.time() >= time(8) else 0)
        return datetime.combine(day, time(8), self.zone).astimezone(UTC)


@dataclass(slots=True)
class Escalation:
    """Of one unread notification: when each channel is due, and when it was sent last."""

    due: dict[str, datetime] = field(default_factory=dict)
    sent: dict[str, datetime] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


@dataclass(slots=True)
class DeliveryReference:
    wishes: dict[str, Wishes] = field(default_factory=dict)
    unread: dict[tuple[str, Key], Escalation] = field(default_factory=dict)

    def raised(self, user: str, key: Key, now: datetime) -> None:
        """A push after a moment, and again at most each minute; a mail once."""
        wishes, rings = self.wishes[user], key[0] in RINGING
        each = self.unread.setdefault((user, key), Escalation())
        if rings and wishes.push and wishes.devices and "push" not in each.due:
            due = wishes.after_quiet(now + PUSH_AFTER)
            again = each.sent["push"] + PUSH_AGAIN if "push" in each.sent else due
            each.due["push"] = max(due, again)
        channel = "mail" if wishes.mail == "immediate" else "digest"
        is_wanted = wishes.mail != "off" and (rings or channel == "digest")
        if is_wanted and channel not in each.due and channel not in each.done:
            at = now + MAIL_AFTER if channel == "mail" else wishes.next_digest(now)
            each.due[channel] = wishes.after_quiet(at)

    def keep(self, user: str, keys: set[Key]) -> int:
        """What is read or withdrawn is sent nowhere. Returns how much was still to be sent."""
        ended = [each for each in self.unread if each[0] == user and each[1] not in keys]
        return sum(len(self.unread.pop(each).due) for each in ended)

    def deliver(self, now: datetime, *, muted: set[tuple[str, Key]]) -> Counter[tuple[str, str]]:
        """All that is due: (user, 'push' or 'mail') with the number of messages. `muted`: of what
        the user wants to hear nothing now."""
        sent = Counter[tuple[str, str]]()
        for (user, key), each in self.unread.items():
            wishes = self.wishes[user]
            for channel in [name for name, at in each.due.items() if at <= now]:
                is_on = (
                    wishes.push and wishes.devices if channel == "push" else wishes.mail != "off"
                )
                earliest = wishes.after_quiet(now)
                if is_on and (user, key) not in muted and earliest > now:
                    each.due[channel] = earliest
                    continue
                del each.due[channel]
                each.done.add(channel)
                each.sent.pop(channel, None)
                if is_on and (user, key) not in muted:
                    each.sent[channel] = now
                    sent[user, "push"] += wishes.devices if channel == "push" else 0
                    sent[user, "mail"] = 1 if channel != "push" else sent[user, "mail"]
        return +sent
