"""What people of the proof R23 do in their conversations."""

from __future__ import annotations

from typing import Any

from tests.feature.notifications.inbox import follow
from tests.feature.notifications.model_state import ONLINE, OWNER, ModelState
from tests.feature.notifications.reference import Key, Told


class ChatActions(ModelState):
    async def send(
        self, user: int, *, to_group: bool, mentioned: int | None, broadcast: str, quoted: int
    ) -> None:
        """`broadcast`: '', 'everyone' or 'here', which only the owner may mention."""
        place = self.group if to_group else self.direct
        broadcast = broadcast if to_group and user == OWNER else ""
        text = f"@{broadcast} tea" if broadcast else "tea"
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
        for other in self.audience(place):
            kind = self._kind(other, message, parent, broadcast=broadcast)
            if kind is not None:
                self._tell_of_message(other, message, place, kind)

    def _kind(self, other: int, message: Any, parent: Any, *, broadcast: str) -> Key | None:
        place = message["conversation_id"]
        if self.people[other].id in message["mentions"]:
            return "mention", place
        if parent is not None and parent[1] == other:
            return "reply", parent[0]["id"]
        if broadcast == "everyone" or (broadcast == "here" and other in ONLINE):
            return "broadcast", place
        if place == self.direct:
            return "direct_message", place
        return ("message", place) if self.levels.get(other) == "everything" else None

    def _tell_of_message(self, other: int, message: Any, place: str, key: Key) -> None:
        quiet = place == self.group and other in self.muted
        told = Told(key, message["author_id"], message["id"], message["id"], place, message["seq"])
        self.tell(other, told, source=message["id"], wanted=not quiet)

    async def react(self, user: int, which: int, *, taken_back: bool = False) -> None:
        if not self.messages:
            return
        message, author, place = self.messages[which % len(self.messages)]
        emoji = {"id": message["id"], "emoji": "👍"}
        head = "SELECT head FROM streams WHERE id = %s"
        before = await self.world.sql(head, place)
        function = "remove_reaction" if taken_back else "add_reaction"
        if (await self.people[user].call(function, **emoji)).status >= 300:
            return
        # published at once, not within two seconds of the last one
        await self.world.sql(
            "UPDATE messages SET reactions_published_at = NULL WHERE id = %s", message["id"]
        )
        after = await self.world.sql(head, place)
        if after == before or author not in self.audience(place):
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
        self.tell(author, told, source=f"reaction {message['id']} {user}", wanted=not quiet)

    async def delete(self, which: int) -> None:
        if not self.messages:
            return
        message, author, _ = self.messages[which % len(self.messages)]
        if (await self.people[author].call("delete_message", id=message["id"])).status < 300:
            self.messages.pop(which % len(self.messages))
            for person in self.people:
                self.reference.forget(person.id, message["id"])

    async def mark_read(self, user: int, which: int) -> None:
        if not self.messages:
            return
        message, _, place = self.messages[which % len(self.messages)]
        device = self.devices[user]
        if (await device.call("mark_read", {"seq": message["seq"]}, id=place)).status < 300:
            self.reference.read_conversation(device.id, place, message["seq"])

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
            self.reference.forget(one, two)
            self.reference.forget(two, one)

    async def leave_or_join(self, user: int, *, is_removed: bool) -> None:
        """A member leaves or is removed by the owner; who is no member is added again."""
        if user == OWNER:
            return
        person, at = self.people[user], {"id": self.group, "user_id": self.people[user].id}
        if user in self.members:
            by = self.people[OWNER] if is_removed else person
            assert (await by.call("remove_member", **at)).status == 204
            self.members.discard(user)
            self.muted.discard(user)
            self.reference.forget(person.id, self.group)
        elif (await self.people[OWNER].call("put_member", {}, **at)).status < 300:
            self.members.add(user)
            shown = await person.call("show_conversation", id=self.group)
            self.reference.markers[person.id, self.group] = shown.body["last_read_seq"]
            self.invite(user)
