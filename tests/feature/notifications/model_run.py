"""One run of the proof R23: each action takes place in the system and in the reference."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any, LiteralString, Self

from tests.feature.account import another_session
from tests.feature.forum import new_forum
from tests.feature.mailed import verified
from tests.feature.notifications.inbox import CONSUMER
from tests.feature.notifications.killing import while_killed
from tests.feature.notifications.model_chat import ChatActions
from tests.feature.notifications.model_delivery import DeliveryActions, add_device
from tests.feature.notifications.model_forum import ForumActions
from tests.feature.notifications.model_state import ONLINE, OWNER, PEOPLE
from tests.feature.notifications.moved_clock import work_off_at
from tests.feature.notifications.reference_of_deliveries import Wishes
from tests.feature.notified import queue
from tests.feature.world import World

DIES_AT: tuple[LiteralString, ...] = (
    "notification_counters",
    "notification_sources",
    "mention_counts",
    "notification_fan_outs",
    "deliveries",
    "consumers",
)
"""Tables that the test locks, so that the consumer is killed before it writes there."""

STEPS_OF_API = 4
"""In one of so many somebody asks the API what they have."""

WHAT_THEY_HAVE = """
    SELECT u.id::text, badge_json(u.id),
        ARRAY (SELECT l.notification::json FROM list_notifications(
            u.id, true, false, 9223372036854775807, 100) AS l),
        (SELECT e.payload -> 'badge' FROM events e
         WHERE e.stream_id = u.id AND e.type LIKE 'notification%%' ORDER BY e.seq DESC LIMIT 1),
        ARRAY (SELECT json_build_array(k.conversation_id, k.count) FROM mention_counts k
               WHERE k.user_id = u.id)
    FROM users u WHERE u.id = ANY (%s)
"""
"""Of each user: id, badge, what is unread, the badge that their devices got last, and counts of
mentions."""


class ModelRun(ChatActions, ForumActions, DeliveryActions):
    @classmethod
    async def start(cls, world: World, *, tally: Counter[str]) -> Self:
        people = [await verified(await world.new_person(f"p{number}")) for number in range(PEOPLE)]
        devices = [await another_session(world, person) for person in people]
        for user in ONLINE:
            await (await people[user].open_socket()).say("hello")
        queues = {"push": queue(world, "web-pushes"), "mail": queue(world, "mails")}
        # other tests have left some, which would be due in the time of this run
        await world.sql("DELETE FROM deliveries")
        [(began,)] = await world.sql("SELECT pg_current_xact_id()::text")
        direct = await people[0].converse(people[1])
        group = await people[0].converse(*people[1:], kind="group")
        forum = await new_forum(people[OWNER])
        post = (await forum.post(people[OWNER]))["id"]
        now = datetime.now(UTC).replace(microsecond=0)
        run = cls(*(world, people, devices, group, direct, forum, post, began, now, queues, tally))
        for user, person in enumerate(people):
            has_device = user < PEOPLE - 1
            run.deliveries.wishes[person.id] = Wishes(devices=int(has_device))
            if has_device:
                await add_device(person)
        await run.prefer(1, mail="immediate", push=True, quiet=False)
        await run.prefer(2, mail="hourly", push=True, quiet=True)
        for user in range(1, PEOPLE):
            run.invite(user)
        return run

    async def consume(self) -> None:
        for _ in range(5):
            if await self._consume_once():
                return
        raise AssertionError("the consumer fails again and again")

    async def _consume_once(self, *, many: bool = False) -> bool:
        return await work_off_at(self.world, self.now, CONSUMER, {"shard": None}, many=many)

    async def kill_consumer(self, place: int) -> None:
        work = self._consume_once()
        self.tally["kills"] += await while_killed(self.world, DIES_AT[place % len(DIES_AT)], work)

    async def consume_twice_at_once(self) -> None:
        """As where a queue delivers a nudge while the first one is in work."""
        await asyncio.gather(self._consume_once(many=True), self._consume_once(many=True))
        self.tally["nudges delivered twice"] += 1

    async def rewind(self) -> None:
        """All that has happened in this run is delivered again."""
        await self.world.sql(
            "UPDATE consumers SET since = %s::text::xid8, until = NULL, seq = 0,"
            " stream_id = '00000000-0000-0000-0000-000000000000' WHERE name = 'notifications'",
            self.began,
        )
        self.tally["rewinds"] += 1

    async def read_notifications(self, user: int) -> None:
        shown = await self.people[user].call("list_notifications")
        if shown.body["items"]:
            newest = shown.body["items"][0]["id"]
            answer = await self.devices[user].call("read_notifications", {"up_to": newest})
            assert answer.status == 200, answer
            self.reference.read(self.people[user].id)

    async def compare(self) -> None:
        """What each user has is what the reference says, and the badge counts it; now and then one
        of them asks the API."""
        await self.consume()
        ids = [person.id for person in self.people]
        rows = await self.world.sql(WHAT_THEY_HAVE, ids)
        assert len(rows) == PEOPLE
        for user, badge, items, last_badge, mentions in rows:
            self._compare_one(user, badge, items, last_badge or badge, mentions)
        self.tally["steps"] += 1
        if self.tally["steps"] % STEPS_OF_API == 0:
            await self.compare_api(self.tally["steps"] // STEPS_OF_API % PEOPLE)

    def _compare_one(
        self, user: str, badge: Any, items: Any, last_badge: Any, mentions: Any
    ) -> None:
        counted = {
            "unread": len(items),
            "unseen": sum(not item["seen"] for item in items),
        }
        assert badge == counted == last_badge, (badge, counted, last_badge)
        shown = [
            (item["kind"], item["event_count"], item["actor_count"], item["target"]["id"])
            for item in items
        ]
        reference = self.reference.unread(user)
        expected = [(key[0], *rest) for key, *rest in reference]
        assert sorted(shown) == sorted(expected), (sorted(shown), sorted(expected))
        self.tally["notifications compared"] += len(shown)
        places = {
            place: self.reference.mentions(user, place) for place in (self.group, self.direct)
        }
        assert dict(mentions) == {place: number for place, number in places.items() if number}
        ended = self.deliveries.keep(user, {key for key, *_ in reference})
        self.tally["deliveries cancelled"] += ended

    async def compare_api(self, user: int) -> None:
        """The list and the badge that a device gets, and the mentions of each conversation."""
        device, id = self.devices[user], self.people[user].id
        items = (await device.call("list_notifications", query="limit=100")).body["items"]
        expected = self.reference.unread(id)
        assert sum(not item["read"] for item in items) == len(expected)
        assert (await device.call("show_badge")).body["unread"] == len(expected)
        for conversation in (await device.call("list_conversations")).body["items"]:
            mentions = self.reference.mentions(id, conversation["id"])
            assert conversation["mention_count"] == mentions
