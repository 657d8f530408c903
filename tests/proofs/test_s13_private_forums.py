"""S13 in private forums: a user who is a member of none, or not any more, finds nothing of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.forum_scene import new_slug
from tests.proofs.personas import gather_bounded
from tests.system import System

SORTS = ("hot", "new", "top", "rising", "controversial")
OPERATIONS = (
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
        original="        WHEN f.visibility <> 'private' THEN 'visitor' END",
        replacement="        ELSE 'visitor' END",
    ),
)


@dataclass(frozen=True, slots=True)
class PrivateForum:
    """`word`: in everything that is written there, and nowhere else."""

    word: str
    owner: Person
    id: str
    slug: str
    post: str
    comment: str

    @classmethod
    async def create(cls, owner: Person, members: Sequence[Person]) -> PrivateForum:
        word = f"word{uuid4().hex}"
        draft = {"slug": new_slug(), "name": word, "description": word, "visibility": "private"}
        forum = await owner.request_json("POST", "/forums", body=draft)
        path = f"/forums/{forum['slug']}"
        for member in members:
            await owner.request_json("PUT", f"{path}/members/{member.id}")
        body = {"title": word, "body": word}
        post = await owner.request_json("POST", f"{path}/posts", body=body)
        path = f"/posts/{post['id']}/comments"
        comment = await owner.request_json("POST", path, body={"body": word})
        return cls(word, owner, forum["id"], forum["slug"], post["id"], comment["id"])

    @property
    def streams(self) -> list[str]:
        return [f"forum:{self.id}", f"post:{self.post}"]

    def fill(self, value: Any) -> Any:
        """The value with its placeholders replaced."""
        if isinstance(value, str):
            for name in ("word", "id", "slug", "post", "comment"):
                value = value.replace(f"{{{name}}}", getattr(self, name))
            return value
        if isinstance(value, dict):
            return {self.fill(key): self.fill(each) for key, each in value.items()}
        return value

    async def write(self) -> None:
        """A post, a comment and a rule, whose events go to subscribers."""
        post, comment = {"title": self.word, "body": self.word}, {"body": self.word}
        await self.owner.request_json("POST", f"/forums/{self.slug}/posts", body=post)
        await self.owner.request_json("POST", f"/posts/{self.post}/comments", body=comment)
        rules = {"rules": f"{uuid4()}"}
        await self.owner.request_json("PATCH", f"/forums/{self.slug}", body=rules)


@dataclass(slots=True)
class Searcher:
    """Looks for forums of others. `own`: those of which they are a member."""

    person: Person
    socket: Socket
    own: list[PrivateForum] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    own_hits: int = 0
    foreign: list[str] = field(default_factory=list)


async def test_a_user_finds_nothing_of_a_private_forum_they_are_not_in(
    system: System, size: Size, report: Report
) -> None:
    tally = await search(
        system, forums=size(4, 100), people=size(4, 50), each=size(len(OPERATIONS), 200)
    )
    report(
        "S13 private forums",
        requests=tally.outcomes.total(),
        **tally.outcomes,
        hits_in_own=tally.own_hits,
        foreign_hits=len(tally.foreign),
    )
    assert not tally.foreign, "\n".join(tally.foreign[:20])
    assert tally.own_hits


@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_everybody_reads_private_forums(tmp_path: Path) -> None:
    async with broken_system(tmp_path, *EVERYBODY_READS) as system:
        tally = await search(system, forums=4, people=3, each=100)
    assert any("GET /forums/{slug}: " in line for line in tally.foreign), tally.foreign
    assert any("GET /posts/{post}: " in line for line in tally.foreign), tally.foreign


async def search(system: System, *, forums: int, people: int, each: int) -> Tally:
    """So many requests by each person; then each is removed from half of their forums, and sends
    half as many again."""
    dice, tally = random.Random(13), Tally()
    owner, *others = await system.people(people + 1)
    searchers = [Searcher(person, await person.open_socket()) for person in others]
    all_forums = []
    for _ in range(forums):
        members = dice.sample(searchers, k=max(1, people // 3))
        all_forums.append(await PrivateForum.create(owner, [each.person for each in members]))
        for member in members:
            member.own.append(all_forums[-1])
    try:
        await for_each(searchers, lambda one: send_all(one, all_forums, dice, each, tally))
        removed = {id(one): one.own[::2] for one in searchers}
        await for_each(searchers, lambda one: remove(one, removed[id(one)]))
        for forum in all_forums:
            await forum.write()
        await for_each(
            searchers, lambda one: send_all(one, removed[id(one)], dice, each // 2, tally)
        )
        for one in searchers:
            check_pushes(one, removed[id(one)], tally)
    finally:
        for one in searchers:
            await one.socket.close()
    return tally


async def for_each(
    searchers: Sequence[Searcher], work: Callable[[Searcher], Awaitable[None]]
) -> None:
    async def one(searcher: Searcher) -> list[None]:
        await work(searcher)
        return []

    await gather_bounded(searchers, one)


async def send_all(
    searcher: Searcher,
    forums: Sequence[PrivateForum],
    dice: random.Random,
    number: int,
    tally: Tally,
) -> None:
    is_own = {forum.word: forum in searcher.own for forum in forums}
    for place in range(number if forums else 0):
        method, path = OPERATIONS[place % len(OPERATIONS)]
        forum = dice.choice(forums)
        if method != "GET" and forum in searcher.own:
            continue  # they may write there
        outcome, text = await send(searcher, method, path, forum)
        tally.outcomes[outcome] += 1
        for word, own in is_own.items():
            if word in text:
                tally.own_hits += own
                if not own:
                    tally.foreign.append(f"{method} {path}: {text[:200]}")
        needs_membership = method != "GET" or "{slug}/" in path
        if forum not in searcher.own and needs_membership and outcome == "2xx":
            tally.foreign.append(f"{method} {path} succeeded: {text[:200]}")


async def send(searcher: Searcher, method: str, path: str, forum: PrivateForum) -> tuple[str, str]:
    """The outcome and the text of the response, which does not repeat the word of a query."""
    if method == "socket" or path == "/sync":
        if method == "socket":
            reply = await searcher.socket.call("subscribe", {"streams": forum.streams})
            document = reply["data"]
        else:
            body = forum.fill(BODIES[path])
            document = (await searcher.person.request(method, path, body=body)).json()
        gone = all("gone" in document["streams"][stream] for stream in forum.streams)
        return "gone" if gone else "2xx", str(document)
    body = forum.fill(BODIES.get(path))
    response = await searcher.person.request(method, forum.fill(path), body=body)
    return f"{response.status_code // 100}xx", response.text


async def remove(searcher: Searcher, forums: Sequence[PrivateForum]) -> None:
    """While they are subscribed."""
    for forum in forums:
        await searcher.socket.call("subscribe", {"streams": forum.streams})
    for forum in forums:
        path = f"/forums/{forum.slug}/members/{searcher.person.id}"
        await forum.owner.request_json("DELETE", path)
        searcher.own.remove(forum)
    searcher.socket.frames.clear()


def check_pushes(searcher: Searcher, removed: Sequence[PrivateForum], tally: Tally) -> None:
    for forum in removed:
        tally.foreign += [
            f"pushed: {text[:200]}" for text in searcher.socket.frames if forum.word in text
        ]
