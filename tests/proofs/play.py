"""One run of the model-based proof: what three people do, asked of the system and of the model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from tests.person import Document
from tests.proofs.company import Follower, until_as_it_must
from tests.proofs.model import MEMBER, OWNER, Model, Place, Refusal, Said
from tests.proofs.views import View
from tests.system import LocalSystem, System

PEOPLE = 3


@dataclass(slots=True)
class Play:
    """`local`: the system as whoever runs it sees it; all else is asked by HTTP and sockets."""

    local: LocalSystem
    followers: list[Follower]
    model: Model
    tally: Counter[str]
    written: int = 0
    pushed: int = 0
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def begin(cls, local: LocalSystem, *, tally: Counter[str]) -> Self:
        """A group of three and a direct conversation, by people who have nothing else; something
        has been said in both."""
        system = System(local.url)
        people = [await system.new_person(name) for name in ("ada", "ben", "cy")[:PEOPLE]]
        first, second, third = people
        group = await first.start(second, third)
        direct = await first.start(second, kind="direct")
        model = Model(
            [
                Place(group, False, {first.id: OWNER, second.id: MEMBER, third.id: MEMBER}),
                Place(direct, True, {first.id: MEMBER, second.id: MEMBER}),
            ]
        )
        followers = [await Follower.begin(person, system=system) for person in people]
        names = {person.id: person.username for person in people}
        play = cls(local, followers, model, tally, names=names)
        for who, place in enumerate((model.places[1], model.places[0], model.places[0])):
            await play.send(who, place, parent=None, names=None)
        return play

    # messages

    async def send(self, who: int, place: Place, *, parent: Said | None, names: int | None) -> None:
        self.written += 1
        whom = None if names is None else self.followers[names].id
        nonce = f"said-{self.written}"
        content = nonce + (f" for @{self.names[whom]}" if whom else "")
        author = self.followers[who].id
        due = self.model.send(author, place, content, parent=parent, names=whom)
        body = {"conversation_id": place.id, "content": content, "nonce": nonce}
        body |= {"reply_to": parent.id} if parent else {}
        message = await self._ask("send", who, "POST", "/messages", body, due=due)
        if due is None:
            place.messages[-1].id, place.messages[-1].seq = message["id"], message["seq"]

    async def edit(self, who: int, place: Place, said: Said, *, version: int) -> None:
        self.written += 1
        content = f"edit {self.written}"
        id = self.followers[who].id
        due = self.model.edit(id, place, said, content, version=version)
        body = {"content": content, "version": version}
        await self._ask("edit", who, "PATCH", f"/messages/{said.id}", body, due=due)

    async def delete(self, who: int, place: Place, said: Said) -> None:
        due = self.model.delete(self.followers[who].id, place, said)
        await self._ask("delete", who, "DELETE", f"/messages/{said.id}", due=due)

    async def react(self, who: int, place: Place, said: Said, emoji: str, *, added: bool) -> None:
        due = self.model.react(self.followers[who].id, place, said, emoji, added=added)
        path = f"/messages/{said.id}/reactions/{emoji}"
        await self._ask("react", who, "PUT" if added else "DELETE", path, due=due)

    async def pin(self, who: int, place: Place, said: Said, *, pinned: bool) -> None:
        due = self.model.pin(self.followers[who].id, place, said, pinned=pinned)
        path = f"/messages/{said.id}/pin"
        await self._ask("pin", who, "PUT" if pinned else "DELETE", path, due=due)

    async def read(self, who: int, place: Place, said: Said) -> None:
        due = self.model.mark_read(self.followers[who].id, place, said)
        path = f"/conversations/{place.id}/read"
        await self._ask("read", who, "PUT", path, {"seq": said.seq}, due=due)

    # members and blocks

    async def put(self, who: int, place: Place, whom: int, role: str | None) -> None:
        due = self.model.put(self.followers[who].id, place, self.followers[whom].id, role)
        path = f"/conversations/{place.id}/members/{self.followers[whom].id}"
        body = {} if role is None else {"role": role}
        await self._ask("add" if role is None else "give", who, "PUT", path, body, due=due)

    async def remove(self, who: int, place: Place, whom: int) -> None:
        due = self.model.remove(self.followers[who].id, place, self.followers[whom].id)
        path = f"/conversations/{place.id}/members/{self.followers[whom].id}"
        await self._ask("leave" if who == whom else "remove", who, "DELETE", path, due=due)

    async def block(self, who: int, whom: int, *, blocked: bool) -> None:
        id = self.followers[whom].id
        due = self.model.block(self.followers[who].id, id, blocked=blocked)
        method = "PUT" if blocked else "DELETE"
        await self._ask("block", who, method, f"/me/blocks/{id}", due=due)

    # sockets and cursors

    async def cut(self) -> None:
        """Every socket at once."""
        self.tally["sockets cut"] += len(self.local.connections())
        self.local.set_faults(sockets={"cut": 1.0})

    async def catch_up(self, who: int, which: int) -> None:
        """From an older state, by `POST /sync`; it stays as old as it was."""
        follower = self.followers[who]
        view = follower.remembered[which % len(follower.remembered)].copy()
        await view.catch_up()
        assert not (wrong := follower.differences(self.model, view=view, whole=False)), wrong
        self.tally["old cursors synced"] += 1

    # what must be

    async def settle(self) -> None:
        """Everybody who is connected is told all that happened."""
        for follower in self.followers:
            await follower.stay()
        await until_as_it_must(self.followers, self.model)

    async def finish(self) -> None:
        """Everybody comes back, and sees all there is: by events, from the very first cursors, and
        asked for anew."""
        for follower in self.followers:
            await follower.connect()
        await until_as_it_must(self.followers, self.model, whole=True)
        for follower in self.followers:
            await follower.remembered[0].catch_up()
            for view in (follower.remembered[0], await View.fresh(follower.view.client)):
                wrong = follower.differences(self.model, view=view, whole=True)
                assert not wrong, "\n".join(wrong)
            await follower.disconnect()
            self._no_foreign_event(follower)

    async def close(self) -> None:
        for follower in self.followers:
            await follower.close()
            await follower.person.http.aclose()

    def _no_foreign_event(self, follower: Follower) -> None:
        """None was pushed of a time when they were not a member."""
        for place in self.model.places:
            pushed = [e["seq"] for e in follower.pushed if e["stream"] == f"conv:{place.id}"]
            self.pushed += len(pushed)
            for since, until in self._absences(follower.id, place):
                foreign = [seq for seq in pushed if since <= seq <= until]
                assert not foreign, f"{follower.person.username} was told {foreign} of {place.id}"

    def _absences(self, who: str, place: Place) -> list[tuple[float, float]]:
        """The numbers from each removal to the next time they were added."""
        if place.is_direct and who not in place.roles:
            return [(0, float("inf"))]
        found = self.local.query(
            f"""
            SELECT seq, type FROM events
            WHERE stream_id = '{place.id}' AND type IN ('member.added', 'member.removed')
              AND coalesce(payload ->> 'user_id', payload -> 'member' ->> 'id') = '{who}'
            ORDER BY seq
            """
        )
        removed = [float(seq) for seq, type in found if type == "member.removed"]
        added = [float(seq) for seq, type in found if type == "member.added"]
        return list(zip(removed, [*added, float("inf")], strict=False))

    async def _ask(
        self, deed: str, who: int, method: str, path: str, body: object = None, *, due: Refusal
    ) -> Document:
        answer = await self.followers[who].person.ask(method, path, body=body)
        document: dict[str, Any] = answer.json() if answer.content else {}
        code = None if answer.is_success else document.get("code")
        assert code == due, f"{method} {path} {body}: {code}, not {due}\n{answer.text}"
        self.tally[f"{deed} refused" if due else deed] += 1
        return document
