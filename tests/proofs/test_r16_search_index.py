"""R16 of the index: whatever people and moderators have done, the index in Postgres is what the
tables say, and so it is when the consumer has begun again. What is written is found soon."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.forum_scene import new_slug
from tests.search_index import Index, differences, indexed, rebuilt
from tests.system import LocalSystem

FOLLOWS_SECONDS = 60
FOUND_SECONDS = 2.0
"""From the answer of a write to its being found, at the 95th percentile."""

FORUM_ACTIONS: Sequence[tuple[str, str, Any]] = (
    ("POST", "/forums/{slug}/posts", {"title": "{text}", "body": "{text}", "tags": ["Tea"]}),
    ("POST", "/posts/{post}/comments", {"body": "{text}"}),
    ("POST", "/posts/{post}/comments", {"body": "{text}", "parent_id": "{comment}"}),
    ("POST", "/posts/{post}/comments", {"body": "{text}", "parent_id": "{comment}"}),
    ("PATCH", "/posts/{post}", {"body": "{text}", "version": 1}),
    ("PATCH", "/comments/{comment}", {"body": "{text}", "version": 1}),
    ("DELETE", "/posts/{post}", None),
    ("DELETE", "/comments/{comment}", None),
    ("PUT", "/posts/{post}/vote", {"value": 1}),
    ("PUT", "/comments/{comment}/vote", {"value": -1}),
    ("PUT", "/posts/{post}/accept", {"comment_id": "{comment}"}),
    ("PUT", "/posts/{post}/removal", {"reason": "{text}"}),
    ("DELETE", "/posts/{post}/removal", None),
    ("PUT", "/comments/{comment}/removal", {"reason": "{text}"}),
    ("DELETE", "/comments/{comment}/removal", None),
    ("PUT", "/posts/{post}/approval", None),
    ("PUT", "/comments/{comment}/approval", None),
    ("PUT", "/forums/{slug}/bans/{user}", {"reason": "", "shadow": True}),
    ("PUT", "/forums/{slug}/bans/{user}", {"reason": "", "remove": "all"}),
    ("DELETE", "/forums/{slug}/bans/{user}?restore=true", None),
    ("DELETE", "/forums/{slug}/bans/{user}", None),
    ("POST", "/forums/{slug}/users/{user}/restorations", None),
    ("POST", "/posts/{post}/move", {"forum": "{slug}"}),
    ("PATCH", "/forums/{slug}", {"visibility": "private"}),
    ("PATCH", "/forums/{slug}", {"visibility": "public"}),
    ("PATCH", "/forums/{slug}", {"description": "{text}"}),
    ("PUT", "/forums/{slug}/filters", {"words": ["filtered"], "action": "hold"}),
    ("PUT", "/forums/{slug}/membership", None),
    ("POST", "/messages", {"conversation_id": "{conversation}", "content": "{text}"}),
    ("PATCH", "/messages/{message}", {"content": "{text}", "version": 1}),
    ("PUT", "/messages/{message}/reactions/👍", None),
    ("DELETE", "/messages/{message}", None),
    ("PATCH", "/me", {"bio": "{text}"}),
)


@dataclass(slots=True)
class Community:
    people: Sequence[Person]
    slugs: list[str]
    conversation: str
    ids: dict[str, list[str]]
    places: list[UUID]
    outcomes: Counter[str] = field(default_factory=Counter)

    async def act(self, dice: random.Random) -> None:
        """What a random user tries to do; most of it is allowed to the first one only."""
        method, path, body = dice.choice(FORUM_ACTIONS)
        person = self.people[0] if dice.random() < 0.5 else dice.choice(self.people)
        names = {
            "slug": dice.choice(self.slugs),
            "user": dice.choice(self.people).id,
            "conversation": self.conversation,
            "text": f"{dice.choice(('a', 'some', 'filtered'))} kettle {dice.randrange(100)}",
            **{name: dice.choice(ids[-12:]) for name, ids in self.ids.items()},
        }
        response = await person.request(method, path.format(**names), body=_filled(body, names))
        self.outcomes[f"{response.status_code // 100}xx"] += 1
        assert response.status_code < 500, response.text
        kind = path.rpartition("/")[2].removesuffix("s")
        if response.status_code == 201 and kind in self.ids:
            self.ids[kind].append(response.json()["id"])


async def test_the_index_is_what_the_tables_say(
    local: LocalSystem, size: Size, report: Report
) -> None:
    dice = random.Random(16)
    community = await new_community(local)
    for _ in range(size(150, 2000)):
        await community.act(dice)
    found = await wait_until_equal(local, community)
    if size(False, True):  # the log is of all tests; R12 rewinds a consumer in any size
        local.query("DELETE FROM search_documents RETURNING 1")
        local.cgraph("consumers", "rewind", "search")
        await wait_until_equal(local, community)
    report("R16 index = tables", documents=len(found), **community.outcomes)
    assert community.outcomes["2xx"] > sum(community.outcomes.values()) / 4


async def test_what_is_written_is_found_soon_and_what_is_deleted_is_not(
    local: LocalSystem, size: Size, report: Report
) -> None:
    author, reader = await local.people(2)
    conversation = await author.start_conversation(reader)
    found, gone = [], []
    for _ in range(size(12, 200)):
        word = f"w{uuid4().hex[:12]}"
        sent = (await author.send_message(conversation, f"a {word}")).json()
        found.append(await seconds_until(reader, word, 1))
        await author.request_json("DELETE", f"/messages/{sent['id']}")
        gone.append(await seconds_until(reader, word, 0))
    figures = {
        f"{name}_p{rank}": f"{sorted(values)[len(values) * rank // 100]:.2f} s"
        for name, values in (("found", found), ("gone", gone))
        for rank in (50, 95)
    }
    report("Written → found", messages=len(found), **figures)
    assert sorted(found)[len(found) * 95 // 100] <= FOUND_SECONDS
    assert max(gone) <= 5 * FOUND_SECONDS, "deleted content leaves the index within seconds"


async def seconds_until(reader: Person, word: str, count: int) -> float:
    began = time.monotonic()
    while (await reader.get("/search", q=word))["total"]["count"] != count:
        assert time.monotonic() - began < FOLLOWS_SECONDS, "the index does not follow"
        await asyncio.sleep(0.03)
    return time.monotonic() - began


async def new_community(local: LocalSystem) -> Community:
    people = [await local.new_person() for _ in range(4)]
    owner, slugs, places = people[0], list[str](), list[UUID]()
    for _ in range(2):
        draft = {"slug": new_slug(), "name": "Kettles"}
        forum = await owner.request_json("POST", "/forums", body=draft)
        slugs.append(forum["slug"])
        places.append(UUID(forum["id"]))
    for person in people[1:]:
        await person.request_json("PUT", f"/forums/{slugs[0]}/membership")
    conversation = await owner.start_conversation(*people[1:])
    message = (await owner.send_message(conversation, "a kettle")).json()["id"]
    draft = {"title": "Which kettle?"}
    post = await owner.request_json("POST", f"/forums/{slugs[0]}/posts", body=draft)
    comment = await people[1].request_json(
        "POST", f"/posts/{post['id']}/comments", body={"body": "Copper"}
    )
    ids = {"post": [post["id"]], "comment": [comment["id"]], "message": [message]}
    places += [UUID(conversation), *(UUID(person.id) for person in people)]
    return Community(people, slugs, conversation, ids, places)


async def wait_until_equal(local: LocalSystem, community: Community) -> Index:
    """Scores are logged by a timer, which the test does not wait for."""
    local.query("SELECT log_changed_scores(5000)")
    await community.people[0].send_message(community.conversation, "a nudge")
    conninfo, deadline = local.endpoints.admin_conninfo, time.monotonic() + FOLLOWS_SECONDS
    while True:
        expected = await rebuilt(conninfo, community.places)
        difference = differences(await indexed(conninfo, community.places), expected)
        if not difference:
            return expected
        assert time.monotonic() < deadline, dict(list(difference.items())[:5])
        await asyncio.sleep(0.5)


def _filled(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: _filled(value, names) for key, value in body.items()}
    return body.format(**names) if isinstance(body, str) else body
