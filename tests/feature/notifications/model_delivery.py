"""How people of the proof R23 get push messages and mails, while a clock is moved."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import time
from uuid import uuid4
from zoneinfo import ZoneInfo

from tests.feature.notifications.killing import while_killed
from tests.feature.notifications.model_state import ModelState
from tests.feature.notifications.moved_clock import work_off_at
from tests.feature.push_receiver import AUTH, PushReceiver, base64url, point
from tests.feature.world import Person

WORKER = "workers.deliver_notifications"
BROWSER = PushReceiver(0)
QUIET_ZONE = "Asia/Kolkata"


async def add_device(person: Person) -> str:
    """Its id. Nobody is asked for the endpoint: the messages stay in the queue."""
    answer = await person.call(
        "add_device",
        {
            "platform": "web",
            "endpoint": f"https://push.example.org/{person.id}/{uuid4().hex}",
            "keys": {"p256dh": base64url(point(BROWSER.key)), "auth": base64url(AUTH)},
        },
    )
    assert answer.status == 201, answer
    return str(answer.body["id"])


class DeliveryActions(ModelState):
    async def prefer(self, user: int, *, mail: str, push: bool, quiet: bool) -> None:
        """`quiet`: from 22:00 to 07:30, where it is another time."""
        hours = {"quiet_from": "22:00", "quiet_until": "07:30"} if quiet else {}
        draft = {"mail": mail, "push": push, "time_zone": QUIET_ZONE, **hours}
        assert (await self.devices[user].call("set_preferences", draft)).status == 200
        wishes = self.deliveries.wishes[self.people[user].id]
        wishes.mail, wishes.push, wishes.zone = mail, push, ZoneInfo(QUIET_ZONE)
        wishes.quiet = (time(22), time(7, 30)) if quiet else None

    async def change_devices(self, user: int) -> None:
        """The second one is registered, or removed."""
        wishes = self.deliveries.wishes[self.people[user].id]
        if user in self.second_devices:
            id = self.second_devices.pop(user)
            assert (await self.people[user].call("remove_device", id=id)).status == 204
            wishes.devices -= 1
        else:
            self.second_devices[user] = await add_device(self.devices[user])
            wishes.devices += 1

    async def deliver(self, seconds: int, *, how: str) -> None:
        """So much later, all that is due goes out once: `how`: 'once', 'at once' by two processes,
        or 'killed' before it is claimed and done again."""
        self.passes(seconds)
        expected = self.deliveries.deliver(self.now, muted=self.quiet_now())
        if how == "killed":
            work = self._deliver()
            self.tally["kills of deliveries"] += await while_killed(self.world, "deliveries", work)
        if how == "at once":
            await asyncio.gather(self._deliver(many=True), self._deliver(many=True))
        else:
            await self._deliver()
        sent = self._sent()
        assert sent == expected, (sent, expected)
        for (_, channel), number in sent.items():
            self.tally[f"sent by {channel}"] += number

    async def _deliver(self, *, many: bool = False) -> None:
        await work_off_at(self.world, self.now, WORKER, {"due": True}, many=many)

    def _sent(self) -> Counter[tuple[str, str]]:
        """What is in the queues for the people of this run."""
        mailboxes = {person.email: person.id for person in self.people}
        drain = self.world.queues.drain
        urls = [job["url"].split("/")[3] for job in drain(self.queues["push"])]
        mails = [mailboxes.get(job["to"]) for job in drain(self.queues["mail"])]
        ours = {person.id for person in self.people}
        return Counter(
            [(user, "push") for user in urls if user in ours]
            + [(user, "mail") for user in mails if user is not None]
        )
