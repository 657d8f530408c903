"""One run of the model-based proof: what three people do, done in the system and in the model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from tests.person import Document
from tests.proofs.client_state import ClientState
from tests.proofs.model import (
    MEMBER,
    OWNER,
    Model,
    ModelConversation,
    ModelMessage,
    Refusal,
)
from tests.proofs.model_followers import Follower, wait_until_as_expected
from tests.system import LocalSystem, System

PEOPLE = 3


@dataclass(slots=True)
class ModelRun:
    """Each action is called by HTTP as one of the followers; its refusal must be the model's.

    `tally`: how often each action was done; `pushed`: events that the sockets received.
    """

    local: LocalSystem
    followers: list[Follower]
    model: Model
    tally: Counter[str]
    written: int = 0
    pushed: int = 0
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def start(cls, local: LocalSystem, *, tally: Counter[str]) -> Self:
        """A group of three and a direct conversation of two, both with messages, of new people, and
        a conversation of one of them alone.
        """
        system = System(local.url)
        people = [await system.new_person(name) for name in ("ada", "ben", "cy")[:PEOPLE]]
        first, second, third = people
        group = await first.start_conversation(second, third)
        direct = await first.start_conversation(second, kind="direct")
        notes = await first.start_conversation(first, kind="direct")
        model = Model(
            [
                ModelConversation(
                    group, False, {first.id: OWNER, second.id: MEMBER, third.id: MEMBER}
                ),
                ModelConversation(direct, True, {first.id: MEMBER, second.id: MEMBER}),
                ModelConversation(notes, True, {first.id: MEMBER}),
            ]
        )
        followers = [await Follower.start(person, system=system) for person in people]
        names = {person.id: person.username for person in people}
        run = cls(local, followers, model, tally, names=names)
        in_group, in_direct, _ = model.conversations
        for user, conversation in enumerate((in_direct, in_group, in_group)):
            await run.send(user, conversation, quoted=None, mentioned=None)
        return run

    async def send(
        self,
        user: int,
        conversation: ModelConversation,
        *,
        quoted: ModelMessage | None,
        mentioned: int | None,
    ) -> None:
        self.written += 1
        target = None if mentioned is None else self.followers[mentioned].id
        nonce = f"message-{self.written}"
        content = nonce + (f" for @{self.names[target]}" if target else "")
        author = self.followers[user].id
        expected = self.model.send(author, conversation, content, quoted=quoted, mentioned=target)
        body = {"conversation_id": conversation.id, "content": content, "nonce": nonce}
        body |= {"reply_to": quoted.id} if quoted else {}
        message = await self._call("send", user, "POST", "/messages", body, expected=expected)
        if expected is None:
            sent = conversation.messages[-1]
            sent.id, sent.seq = message["id"], message["seq"]

    async def edit(
        self, user: int, conversation: ModelConversation, message: ModelMessage, *, version: int
    ) -> None:
        self.written += 1
        content = f"edit {self.written}"
        author = self.followers[user].id
        expected = self.model.edit(author, conversation, message, content, version=version)
        body = {"content": content, "version": version}
        path = f"/messages/{message.id}"
        await self._call("edit", user, "PATCH", path, body, expected=expected)

    async def delete(
        self, user: int, conversation: ModelConversation, message: ModelMessage
    ) -> None:
        expected = self.model.delete(self.followers[user].id, conversation, message)
        await self._call("delete", user, "DELETE", f"/messages/{message.id}", expected=expected)

    async def react(
        self,
        user: int,
        conversation: ModelConversation,
        message: ModelMessage,
        emoji: str,
        *,
        added: bool,
    ) -> None:
        id = self.followers[user].id
        expected = self.model.react(id, conversation, message, emoji, added=added)
        path = f"/messages/{message.id}/reactions/{emoji}"
        await self._call("react", user, "PUT" if added else "DELETE", path, expected=expected)

    async def pin(
        self, user: int, conversation: ModelConversation, message: ModelMessage, *, pinned: bool
    ) -> None:
        expected = self.model.pin(self.followers[user].id, conversation, message, pinned=pinned)
        path = f"/messages/{message.id}/pin"
        await self._call("pin", user, "PUT" if pinned else "DELETE", path, expected=expected)

    async def mark_read(
        self, user: int, conversation: ModelConversation, message: ModelMessage
    ) -> None:
        expected = self.model.mark_read(self.followers[user].id, conversation, message)
        path = f"/conversations/{conversation.id}/read"
        await self._call("read", user, "PUT", path, {"seq": message.seq}, expected=expected)

    async def mark_unread(self, user: int, conversation: ModelConversation) -> None:
        expected = self.model.mark_unread(self.followers[user].id, conversation)
        path = f"/conversations/{conversation.id}/unread"
        await self._call("mark unread", user, "PUT", path, expected=expected)

    async def set_history(self, user: int, conversation: ModelConversation, history: str) -> None:
        expected = self.model.set_history(self.followers[user].id, conversation, history)
        path, body = f"/conversations/{conversation.id}", {"history": history}
        await self._call("set history", user, "PATCH", path, body, expected=expected)

    async def put_member(
        self, user: int, conversation: ModelConversation, target: int, role: str | None
    ) -> None:
        """Adds the target, or changes their role."""
        id, target_id = self.followers[user].id, self.followers[target].id
        expected = self.model.put_member(id, conversation, target_id, role)
        path = f"/conversations/{conversation.id}/members/{target_id}"
        title, body = ("add", {}) if role is None else ("change role", {"role": role})
        await self._call(title, user, "PUT", path, body, expected=expected)

    async def remove_member(self, user: int, conversation: ModelConversation, target: int) -> None:
        id, target_id = self.followers[user].id, self.followers[target].id
        expected = self.model.remove_member(id, conversation, target_id)
        path = f"/conversations/{conversation.id}/members/{target_id}"
        title = "leave" if user == target else "remove"
        await self._call(title, user, "DELETE", path, expected=expected)

    async def block(self, user: int, target: int, *, blocked: bool) -> None:
        target_id = self.followers[target].id
        expected = self.model.block(self.followers[user].id, target_id, blocked=blocked)
        method, path = "PUT" if blocked else "DELETE", f"/me/blocks/{target_id}"
        await self._call("block", user, method, path, expected=expected)

    async def cut_sockets(self) -> None:
        """Every socket at once."""
        self.tally["sockets cut"] += len(self.local.connections())
        self.local.set_faults(sockets={"cut": 1.0})

    async def catch_up(self, user: int, which: int) -> None:
        """From an old state, by `POST /sync`; the old state itself is kept."""
        follower = self.followers[user]
        state = follower.old_states[which % len(follower.old_states)].copy()
        await state.catch_up()
        wrong = follower.differences(self.model, state=state, with_reactions=False)
        assert not wrong, "\n".join(wrong)
        self.tally["old cursors synced"] += 1

    async def settle(self) -> None:
        """Until everybody who is connected shows everything that happened."""
        for follower in self.followers:
            await follower.reopen_socket()
        await wait_until_as_expected(self.followers, self.model)

    async def finish(self) -> None:
        """Everybody connects, and shows everything: from events, from the very first cursors and
        loaded anew."""
        for follower in self.followers:
            await follower.connect()
        await wait_until_as_expected(self.followers, self.model, with_reactions=True)
        for follower in self.followers:
            await follower.old_states[0].catch_up()
            loaded = await ClientState.load(follower.state.client)
            for state in (follower.old_states[0], loaded):
                wrong = follower.differences(self.model, state=state, with_reactions=True)
                assert not wrong, "\n".join(wrong)
            await follower.disconnect()
            self._check_pushed_events(follower)

    async def close(self) -> None:
        for follower in self.followers:
            await follower.close()
            await follower.person.http.aclose()

    def _check_pushed_events(self, follower: Follower) -> None:
        """None is from a time when they were not a member."""
        for conversation in self.model.conversations:
            stream = f"conv:{conversation.id}"
            pushed = [event["seq"] for event in follower.pushed if event["stream"] == stream]
            self.pushed += len(pushed)
            for since, until in self._absences(follower.id, conversation):
                foreign = [seq for seq in pushed if since <= seq <= until]
                assert not foreign, f"{follower.person.username} received {foreign} of {stream}"

    def _absences(self, user: str, conversation: ModelConversation) -> list[tuple[float, float]]:
        """The event numbers from each removal to the next time they were added."""
        if conversation.is_direct and user not in conversation.roles:
            return [(0, float("inf"))]
        rows = self.local.query(
            f"""
            SELECT seq, type FROM events
            WHERE stream_id = '{conversation.id}' AND type IN ('member.added', 'member.removed')
              AND coalesce(payload ->> 'user_id', payload -> 'member' ->> 'id') = '{user}'
            ORDER BY seq
            """
        )
        removed = [float(seq) for seq, type in rows if type == "member.removed"]
        added = [float(seq) for seq, type in rows if type == "member.added"]
        return list(zip(removed, [*added, float("inf")], strict=False))

    async def _call(
        self,
        title: str,
        user: int,
        method: str,
        path: str,
        body: object = None,
        *,
        expected: Refusal,
    ) -> Document:
        response = await self.followers[user].person.request(method, path, body=body)
        document: dict[str, Any] = response.json() if response.content else {}
        code = None if response.is_success else document.get("code")
        assert code == expected, f"{method} {path} {body}: {code}, not {expected}\n{response.text}"
        self.tally[f"{title} refused" if expected else title] += 1
        return document
