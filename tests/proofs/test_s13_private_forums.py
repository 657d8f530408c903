"""S13 in private forums: whoever is in none of them, or no longer, finds nothing of theirs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.forum_cast import new_slug
from tests.system import System

SORTS = ("hot", "new", "top", "rising", "controversial")
ASKS = (
    *(("GET", path) for path in ("/forums?limit=100", "/forums?sort=name", "/forums?mine=true")),
    *(("GET", f"/forums{query}") for query in ("?q={word}", "?q={word}&sort=name", "?q={slug}")),
    *(("GET", f"/forums/{{slug}}{rest}") for rest in ("", "/members", "/reports", "/audit")),
    *(("GET", f"/forums/{{slug}}/posts?sort={sort}") for sort in SORTS),
    *(
        ("GET", f"/posts/{{post}}{rest}")
        for rest in ("", "/versions", "/comments", "/comments?sort=new")
    ),
    *(("GET", "/comments/{comment}"), ("GET", "/reports"), ("PUT", "/forums/{slug}/membership")),
    *(("POST", "/forums/{slug}/posts"), ("POST", "/posts/{post}/comments"), ("POST", "/reports")),
    *(("PUT", "/posts/{post}/vote"), ("PUT", "/comments/{comment}/vote"), ("POST", "/sync")),
    ("socket", "subscribe"),
)
BODIES: dict[str, Document] = {
    "/forums/{slug}/posts": {"title": "let me in"},
    "/posts/{post}/comments": {"body": "let me in"},
    "/reports": {"target": {"kind": "post", "id": "{post}"}, "reason": "spam"},
    "/posts/{post}/vote": {"value": 1},
    "/comments/{comment}/vote": {"value": 1},
    "/sync": {"cursors": {"forum:{id}": 0, "post:{post}": 0}},
}
EVERYBODY_READS = (
    Mutation(
        "infra/schema/forums/access.sql",
        was="        WHEN f.visibility <> 'private' THEN 'visitor' END",
        becomes="        ELSE 'visitor' END",
    ),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A private forum. `word` is in all that is said there, and nowhere else."""

    word: str
    owner: Person
    id: str
    slug: str
    post: str
    comment: str

    @classmethod
    async def make(cls, owner: Person, members: Sequence[Person]) -> Secret:
        word = f"word{uuid4().hex}"
        draft = {"slug": new_slug(), "name": word, "description": word, "visibility": "private"}
        forum = await done(owner, "POST", "/forums", draft)
        path = f"/forums/{forum['slug']}"
        for member in members:
            await done(owner, "PUT", f"{path}/members/{member.id}")
        post = await done(owner, "POST", f"{path}/posts", {"title": word, "body": word})
        comment = await done(owner, "POST", f"/posts/{post['id']}/comments", {"body": word})
        return cls(word, owner, forum["id"], forum["slug"], post["id"], comment["id"])

    def fill(self, value: Any) -> Any:
        if isinstance(value, str):
            for name in ("word", "id", "slug", "post", "comment"):
                value = value.replace(f"{{{name}}}", getattr(self, name))
            return value
        if isinstance(value, dict):
            return {self.fill(key): self.fill(each) for key, each in value.items()}
        return value

    async def speak(self) -> None:
        """Something new, which whoever looks is told."""
        body = {"title": self.word, "body": self.word}
        await done(self.owner, "POST", f"/forums/{self.slug}/posts", body)
        await done(self.owner, "POST", f"/posts/{self.post}/comments", {"body": self.word})
        await done(self.owner, "PATCH", f"/forums/{self.slug}", {"rules": f"{uuid4()}"})


@dataclass(slots=True)
class Searcher:
    """Who looks for what is not theirs; `mine`: the forums that they are in."""

    person: Person
    socket: Socket
    mine: list[Secret] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    answers: Counter[str] = field(default_factory=Counter)
    own_hits: int = 0
    foreign: list[str] = field(default_factory=list)


async def test_nobody_finds_what_is_not_theirs(system: System, size: Size, report: Report) -> None:
    tally = await search(system, forums=size(6, 100), people=size(5, 50), each=size(36, 200))
    report(
        "S13 private forums",
        requests=tally.answers.total(),
        **tally.answers,
        hits_in_own=tally.own_hits,
        foreign_hits=len(tally.foreign),
    )
    assert not tally.foreign, "\n".join(tally.foreign[:20])
    assert tally.own_hits


@pytest.mark.usefixtures("only_in_full")
async def test_where_everybody_reads_this_proof_fails(tmp_path: Path) -> None:
    async with broken_system(tmp_path, *EVERYBODY_READS) as system:
        tally = await search(system, forums=4, people=3, each=100)
    assert any("GET /forums/{slug}: " in line for line in tally.foreign), tally.foreign
    assert any("GET /posts/{post}: " in line for line in tally.foreign), tally.foreign


async def search(system: System, *, forums: int, people: int, each: int) -> Tally:
    """So many requests a person; and half as many again when they have been removed from half."""
    dice, tally = random.Random(13), Tally()
    owner, *others = await system.people(people + 1)
    searchers = [Searcher(person, await person.open_socket()) for person in others]
    secrets = []
    for _ in range(forums):
        members = dice.sample(searchers, k=max(1, people // 3))
        secrets.append(await Secret.make(owner, [member.person for member in members]))
        for member in members:
            member.mine.append(secrets[-1])
    try:
        await both(searchers, lambda who: ask_all(who, secrets, dice, each, tally))
        removed = {id(who): who.mine[::2] for who in searchers}
        await both(searchers, lambda who: leave(who, removed[id(who)]))
        for secret in secrets:
            await secret.speak()
        await both(searchers, lambda who: ask_all(who, removed[id(who)], dice, each // 2, tally))
        for who in searchers:
            told(who, removed[id(who)], tally)
    finally:
        for who in searchers:
            await who.socket.close()
    return tally


async def both(searchers: Sequence[Searcher], play: Any) -> None:
    """Two at once."""
    turn = asyncio.Semaphore(2)

    async def one(who: Searcher) -> None:
        async with turn:
            await play(who)

    await asyncio.gather(*(one(who) for who in searchers))


async def ask_all(
    who: Searcher, secrets: Sequence[Secret], dice: random.Random, number: int, tally: Tally
) -> None:
    words = {secret.word: secret in who.mine for secret in secrets}
    for place in range(number if secrets else 0):
        method, path = ASKS[place % len(ASKS)]
        secret = dice.choice(secrets)
        if method != "GET" and secret in who.mine:
            continue  # their own to write in
        kind, text = await ask(who, method, path, secret)
        tally.answers[kind] += 1
        for word, is_mine in words.items():
            if word in text:
                tally.own_hits += is_mine
                if not is_mine:
                    tally.foreign.append(f"{method} {path}: {text[:200]}")
        if secret not in who.mine and (method != "GET" or "{slug}/" in path) and kind == "2xx":
            tally.foreign.append(f"{method} {path} was done: {text[:200]}")


async def ask(who: Searcher, method: str, path: str, secret: Secret) -> tuple[str, str]:
    """How it was answered, and with what; the word that was asked for is not said back."""
    if method == "socket" or path == "/sync":
        streams = [f"forum:{secret.id}", f"post:{secret.post}"]
        if method == "socket":
            document = (await who.socket.ask("subscribe", {"streams": streams}))["data"]
        else:
            body = secret.fill(BODIES[path])
            document = (await who.person.ask(method, path, body=body)).json()
        gone = all("gone" in document["streams"][stream] for stream in streams)
        return "gone" if gone else "2xx", str(document)
    answer = await who.person.ask(method, secret.fill(path), body=secret.fill(BODIES.get(path)))
    return f"{answer.status_code // 100}xx", answer.text


async def leave(who: Searcher, secrets: Sequence[Secret]) -> None:
    """Looking at what they are put out of."""
    for secret in secrets:
        streams = [f"forum:{secret.id}", f"post:{secret.post}"]
        await who.socket.ask("subscribe", {"streams": streams})
    for secret in secrets:
        path = f"/forums/{secret.slug}/members/{who.person.id}"
        await done(secret.owner, "DELETE", path)
        who.mine.remove(secret)
    who.socket.texts.clear()


def told(who: Searcher, removed: Sequence[Secret], tally: Tally) -> None:
    for secret in removed:
        tally.foreign += [
            f"pushed: {text[:200]}" for text in who.socket.texts if secret.word in text
        ]


async def done(person: Person, method: str, path: str, body: object = None) -> Document:
    answer = await person.ask(method, path, body=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return dict(answer.json()) if answer.content else {}
