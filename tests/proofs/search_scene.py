"""Private places with documents that are to be found by their members only."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from tests.person import Document, Person
from tests.proofs.forum_scene import new_slug
from tests.proofs.personas import gather_bounded
from tests.system import System

DocumentType = Literal["message", "post", "comment", "forum"]


@dataclass(slots=True)
class Hidden:
    """A document. `word`: that occurs in no other."""

    type: DocumentType
    id: str
    author: str | None
    word: str


@dataclass(slots=True)
class Place:
    """`word`: in everything that is written there, and nowhere else."""

    kind: Literal["forum", "conversation"]
    id: str
    name: str
    word: str
    owner: Person
    members: dict[str, Person]
    documents: list[Hidden] = field(default_factory=list)


@dataclass(slots=True)
class Scene:
    """`common`: a word that is in every document. `blocked`: by the id of the user who blocks."""

    common: str
    people: Sequence[Person]
    places: list[Place]
    blocked: dict[str, set[str]] = field(default_factory=dict)

    def visible(self, person: Person, place: Place | None = None) -> list[Hidden]:
        """The documents that the person may find, in this place or in all."""
        hidden = self.blocked.get(person.id, set())
        return [
            document
            for each in self.places
            if place in (None, each) and person.id in each.members
            for document in each.documents
            if document.author not in hidden
        ]

    def foreign_words(self, person: Person) -> set[str]:
        """That nothing the person gets may contain."""
        own = {document.word for document in self.visible(person)}
        own |= {each.word for each in self.places if person.id in each.members}
        every = {document.word for each in self.places for document in each.documents}
        return (every | {each.word for each in self.places}) - own

    async def remove_member(self, place: Place, person: Person) -> None:
        """Or the person leaves."""
        path = "forums" if place.kind == "forum" else "conversations"
        name = place.name if place.kind == "forum" else place.id
        by = place.owner if len(place.members) % 2 else person
        path = f"/{path}/{name}/members/{person.id}"
        if by is person and place.kind == "forum":
            path = f"/forums/{name}/membership"
        await by.request_json("DELETE", path)
        del place.members[person.id]

    async def block(self, person: Person, other: str) -> None:
        await person.request_json("PUT", f"/me/blocks/{other}")
        self.blocked.setdefault(person.id, set()).add(other)

    async def take_down(self, place: Place, document: Hidden) -> None:
        """A moderator removes a post or a comment of somebody else; the rest its author deletes."""
        if document.type == "message" or document.author == place.owner.id:
            author = place.members[str(document.author)]
            await author.request_json("DELETE", f"/{document.type}s/{document.id}")
        else:
            path = f"/{document.type}s/{document.id}/removal"
            await place.owner.request_json("PUT", path, body={"reason": "spam"})
        place.documents.remove(document)


async def new_scene(system: System, *, people: int, places: int, documents: int) -> Scene:
    """`documents`: of each place."""
    dice, everybody = random.Random(13), [await system.new_person() for _ in range(people)]
    scene = Scene(f"common{uuid4().hex[:12]}", everybody, [])

    async def fill(number: int) -> list[Place]:
        members = dice.sample(everybody, k=max(2, people // 3))
        make = _new_forum if number % 2 else _new_conversation
        return [await make(scene.common, members, documents)]

    scene.places = await gather_bounded(range(places), fill)
    return scene


async def wait_until_counted(person: Person, word: str, count: int, *, seconds: float = 60) -> None:
    """Until the index has followed."""
    pause, waited, total = 0.05, 0.0, -1
    while total != count:
        assert waited < seconds, f"{total} results after {waited:.0f} s, expected {count}"
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(2 * pause, 2)
        total = (await person.get("/search", q=f"{word} "))["total"]["count"]


async def _new_forum(common: str, members: Sequence[Person], documents: int) -> Place:
    owner, word = members[0], _word()
    draft = {
        "slug": new_slug(),
        "name": f"{word} {common}",
        "description": word,
        "visibility": "private",
    }
    forum = await owner.request_json("POST", "/forums", body=draft)
    place = _place("forum", forum["id"], forum["slug"], word, members)
    place.documents.append(Hidden("forum", forum["id"], None, word))
    for member in members[1:]:
        await owner.request_json("PUT", f"/forums/{forum['slug']}/members/{member.id}")
    post = ""
    for number in range(documents):
        author, own = members[number % len(members)], _word()
        text = f"{common} {word} {own}"
        if number % 3 == 0:
            body: Document = {"title": f"{text}?", "body": f"`{text}`", "tags": [own[:20]]}
            made = await author.request_json("POST", f"/forums/{place.name}/posts", body=body)
            post = made["id"]
        else:
            body = {"body": text}
            made = await author.request_json("POST", f"/posts/{post}/comments", body=body)
        type: DocumentType = "comment" if number % 3 else "post"
        place.documents.append(Hidden(type, made["id"], author.id, own))
    return place


async def _new_conversation(common: str, members: Sequence[Person], documents: int) -> Place:
    conversation = await members[0].start_conversation(*members[1:])
    place = _place("conversation", conversation, conversation, _word(), members)
    for number in range(documents):
        author, own = members[number % len(members)], _word()
        sent = await author.send_message(conversation, f"{common} {place.word} {own}")
        assert sent.is_success, sent.text
        place.documents.append(Hidden("message", sent.json()["id"], author.id, own))
    return place


def _place(kind: Any, id: str, name: str, word: str, members: Sequence[Person]) -> Place:
    return Place(kind, id, name, word, members[0], {each.id: each for each in members})


def _word() -> str:
    return f"canary{uuid4().hex[:16]}"
