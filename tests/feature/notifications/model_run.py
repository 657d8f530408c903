"""One run of the proof R23: each action takes place in the system and in the reference."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, LiteralString

from tests.feature.account import another_session
from tests.feature.forum import new_forum
from tests.feature.notifications.inbox import CONSUMER, badge, follow
from tests.feature.notifications.reference import Reference, Told
from tests.feature.world import Person, World

PEOPLE = 4
DIES_AT: tuple[LiteralString, ...] = (
    "notification_counters",
    "notification_sources",
    "mention_counts",
    "notification_fan_outs",
    "consumers",
)
"""Tables that the test locks, so that the consumer is killed before it writes there."""


@dataclass(slots=True)
class ModelRun:
    world: World
    people: list[Person]
    devices: list[Person]
    group: str
    direct: str
    post: str
    began: str
    tally: Counter[str]
    reference: Reference = field(default_factory=Reference)
    members: set[int] = field(default_factory=lambda: set(range(PEOPLE)))
    levels: dict[int, str] = field(default_factory=dict)
    muted: set[int] = field(default_factory=set)
    post_levels: dict[int, str] = field(default_factory=lambda: {0: "everything"})
    messages: list[tuple[Any, int, str]] = field(default_factory=list)
    comments: list[tuple[Any, int]] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=Counter)

    @classmethod
    async def start(cls, world: World, *, tally: Counter[str]) -> ModelRun:
        people = [await world.new_person(f"p{number}") for number in range(PEOPLE)]
        devices = [await another_session(world, person) for person in people]
        [(began,)] = await world.sql("SELECT pg_current_xact_id()::text")
        direct = await people[0].converse(people[1])
        group = await people[0].converse(*people[1:], kind="group")
        post = (await (await new_forum(people[0])).post(people[0]))["id"]
        run = cls(world, people, devices, group, direct, post, began, tally)
        for person in people[1:]:
            run.invite(person.id)
        return run

    def invite(self, user: str) -> None:
        told = Told(
            ("invitation", self.group),
            *(self.people[0].id, self.group, self.group, self.group, None),
        )
        source = f"invitation {self.tally['invitations']}"
        self.tally["invitations"] += 1
        self.reference.tell(user, told, source=source)

    async def consume(self) -> None:
        for _ in range(5):
            if await self.world.work_off(CONSUMER, {"shard": None}) == {"batchItemFailures": []}:
                return
        raise AssertionError("the consumer fails again and again")

    async def kill_consumer(self, place: int) -> None:
        """It waits for a table, and its connection ends. Where it has nothing to write there, it
        is not killed."""
        table = DIES_AT[place % len(DIES_AT)]
        connection = await self.world._connect()
        async with connection, connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
            work = asyncio.ensure_future(self.world.work_off(CONSUMER, {"shard": None}))
            while not work.done():
                killed = await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE usename = 'cgraph' AND wait_event_type = 'Lock'"
                )
                self.tally["kills"] += len(await killed.fetchall())
                await asyncio.wait([work], timeout=0.02)

    async def rewind(self) -> None:
        """All that has happened in this run is delivered again."""
        await self.world.sql(
            "UPDATE consumers SET since = %s::text::xid8, until = NULL, seq = 0,"
            " stream_id = '00000000-0000-0000-0000-000000000000' WHERE name = 'notifications'",
            self.began,
        )
        self.tally["rewinds"] += 1

    async def send(
        self, user: int, *, to_group: bool, mentioned: int | None, everybody: bool, quoted: int
    ) -> None:
        place = self.group if to_group else self.direct
        everybody = everybody and to_group and user == 0
        text = "@everyone tea" if everybody else "tea"
        text += f" @{self.people[mentioned].username}" if mentioned is not None else ""
        parents = [each for each in self.messages if each[2] == place]
        parent = parents[quoted % len(parents)] if quoted and parents else None
        body = {"conversation_id": place, "content": text}
        if parent is not None:
            body["reply_to"] = parent[0]["id"]
        answer = await self.people[user].call("send_message", body)
        if answer.status != 201:
            return
        message = answer.body
        self.messages.append((message, user, place))
        self.reference.read_conversation(self.people[user].id, place, message["seq"])
        for other in self.members if to_group else {0, 1}:
            kind = self._kind(other, message, parent, everybody=everybody, direct=not to_group)
            if kind is not None:
                self._tell_of_message(other, message, place, kind)

    def _kind(
        self, other: int, message: Any, parent: Any, *, everybody: bool, direct: bool
    ) -> tuple[str, str] | None:
        place = message["conversation_id"]
        if self.people[other].id in message["mentions"]:
            return "mention", place
        if parent is not None and parent[1] == other:
            return "reply", parent[0]["id"]
        if everybody:
            return "broadcast", place
        if direct:
            return "direct_message", place
        return ("message", place) if self.levels.get(other) == "everything" else None

    def _tell_of_message(self, other: int, message: Any, place: str, key: tuple[str, str]) -> None:
        quiet = place == self.group and other in self.muted
        told = Told(key, message["author_id"], message["id"], message["id"], place, message["seq"])
        user = self.people[other].id
        self.reference.tell(user, told, source=message["id"], wanted=not quiet)

    async def react(self, user: int, which: int, *, taken_back: bool) -> None:
        if not self.messages:
            return
        message, author, place = self.messages[which % len(self.messages)]
        emoji = {"id": message["id"], "emoji": "👍"}
        before = await self.world.sql("SELECT head FROM streams WHERE id = %s", place)
        function = "remove_reaction" if taken_back else "add_reaction"
        if (await self.people[user].call(function, **emoji)).status >= 300:
            return
        # published at once, not within two seconds of the last one
        await self.world.sql(
            "UPDATE messages SET reactions_published_at = NULL WHERE id = %s", message["id"]
        )
        after = await self.world.sql("SELECT head FROM streams WHERE id = %s", place)
        if after == before or author not in (self.members if place == self.group else {0, 1}):
            return
        if taken_back:
            key = ("reaction", message["id"])
            self.reference.take_back(self.people[author].id, key, actor=self.people[user].id)
            return
        told = Told(
            ("reaction", message["id"]),
            *(self.people[user].id, message["id"], message["id"], place, after[0][0]),
        )
        quiet = place == self.group and author in self.muted
        source = f"reaction {message['id']} {user}"
        self.reference.tell(self.people[author].id, told, source=source, wanted=not quiet)

    async def delete(self, which: int) -> None:
        if not self.messages:
            return
        message, author, _ = self.messages[which % len(self.messages)]
        if (await self.people[author].call("delete_message", id=message["id"])).status < 300:
            self.messages.pop(which % len(self.messages))
            for person in self.people:
                self.reference.forget(person.id, text=message["id"])

    async def mark_read(self, user: int, which: int) -> None:
        if not self.messages:
            return
        message, _, place = self.messages[which % len(self.messages)]
        device = self.devices[user]
        if (await device.call("mark_read", {"seq": message["seq"]}, id=place)).status < 300:
            self.reference.read_conversation(device.id, place, message["seq"])

    async def read_notifications(self, user: int) -> None:
        shown = await self.people[user].call("list_notifications")
        if shown.body["items"]:
            newest = shown.body["items"][0]["id"]
            answer = await self.devices[user].call("read_notifications", {"up_to": newest})
            assert answer.status == 200, answer
            self.reference.read(self.people[user].id)

    async def set_level(self, user: int, level: str) -> None:
        if user in self.members:
            await follow(self.people[user], "conversation", self.group, level)
            self.levels[user] = level
            self.muted = self.muted | {user} if level == "nothing" else self.muted - {user}

    async def mute(self, user: int, *, muted: bool) -> None:
        function = "mute_conversation" if muted else "unmute_conversation"
        if (await self.devices[user].call(function, id=self.group)).status < 300:
            self.muted = self.muted | {user} if muted else self.muted - {user}

    async def block(self, user: int, other: int, *, blocked: bool) -> None:
        if user == other:
            return
        one, two = self.people[user].id, self.people[other].id
        function = "block_user" if blocked else "unblock_user"
        await self.people[user].call(function, user_id=two)
        blockers = self.reference.blockers
        blockers.add((one, two)) if blocked else blockers.discard((one, two))
        self.reference.blocks = {frozenset(pair) for pair in blockers}
        if blocked:
            self.reference.forget(one, actor=two)
            self.reference.forget(two, actor=one)

    async def leave_or_join(self, user: int) -> None:
        if user == 0:
            return
        person, at = self.people[user], {"id": self.group, "user_id": self.people[user].id}
        if user in self.members:
            assert (await person.call("remove_member", **at)).status == 204
            self.members.discard(user)
            self.muted.discard(user)
            self.reference.forget(person.id, place=self.group)
        elif (await self.people[0].call("put_member", {}, **at)).status < 300:
            self.members.add(user)
            shown = await person.call("show_conversation", id=self.group)
            self.reference.markers[person.id, self.group] = shown.body["last_read_seq"]
            self.invite(person.id)

    async def comment(self, user: int, which: int, mentioned: int | None) -> None:
        parent = self.comments[which % len(self.comments)] if which and self.comments else None
        text = "So it is" if mentioned is None else f"So @{self.people[mentioned].username} says"
        body = {"body": text, **({"parent_id": parent[0]["id"]} if parent else {})}
        answer = await self.people[user].call("create_comment", body, id=self.post)
        if answer.status != 201:
            return
        comment = answer.body
        self.comments.append((comment, user))
        answered, thing = (parent[1], parent[0]["id"]) if parent else (0, self.post)
        for other, person in enumerate(self.people):
            level = self.post_levels.get(other)
            key = ("comment", self.post) if level == "everything" else None
            key = ("reply", thing) if other == answered else key
            key = ("mention", self.post) if person.id in comment["mentions"] else key
            if key is not None:
                told = Told(
                    key, *(self.people[user].id, comment["id"], comment["id"], self.post, None)
                )
                quiet = level == "nothing"
                self.reference.tell(person.id, told, source=comment["id"], wanted=not quiet)
        self.post_levels.setdefault(user, "everything")

    async def follow_post(self, user: int, level: str) -> None:
        await follow(self.people[user], "post", self.post, level)
        self.post_levels[user] = level

    async def delete_comment(self, which: int) -> None:
        if self.comments:
            comment, author = self.comments.pop(which % len(self.comments))
            deleted = await self.people[author].call("delete_comment", id=comment["id"])
            assert deleted.status < 300, deleted.body
            for person in self.people:
                self.reference.forget(person.id, text=comment["id"])

    async def compare(self) -> None:
        """What each user is shown is what the reference says, and the badge counts it."""
        await self.consume()
        for person, device in zip(self.people, self.devices, strict=True):
            answer = await device.call("list_notifications", query="limit=100")
            items = answer.body["items"]
            counted = {
                "unread": sum(not item["read"] for item in items),
                "unseen": sum(not item["seen"] for item in items),
            }
            assert await badge(person) == counted == await self._last_badge(person, counted)
            shown = [
                (item["kind"], item["event_count"], item["actor_count"], item["target"]["id"])
                for item in items
                if not item["read"]
            ]
            expected = [(key[0], *rest) for key, *rest in self.reference.unread(person.id)]
            assert sorted(shown) == sorted(expected), (sorted(shown), sorted(expected))
            self.tally["notifications compared"] += len(shown)
            listed = await person.call("list_conversations")
            for conversation in listed.body["items"]:
                mentions = self.reference.mentions(person.id, conversation["id"])
                assert conversation["mention_count"] == mentions

    async def _last_badge(self, person: Person, usual: Any) -> Any:
        """As the user's devices were told last."""
        rows = await self.world.sql(
            "SELECT payload -> 'badge' FROM events"
            " WHERE stream_id = %s AND type LIKE 'notification%%' ORDER BY seq DESC LIMIT 1",
            person.id,
        )
        return rows[0][0] if rows else usual
