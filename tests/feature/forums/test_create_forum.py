from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.forums.models import ForumView
from tests.feature.forum import new_forum, new_slug, user_events
from tests.feature.world import Person


async def test_the_user_who_creates_a_forum_owns_it(ada: Person, eve: Person) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    draft = {
        "slug": new_slug(),
        "name": "Coffee ☕",
        "description": "Beans and water",
        "rules": "1. Be kind\n2. No tea",
        "slow_mode_seconds": 30,
        "tags": ["espresso", "filter"],
        "tag_required": True,
        "join_requests": True,
    }
    answer = await ada.call("create_forum", draft)

    forum = answer.body
    assert answer.status == 201
    assert ForumView.model_validate(forum).model_dump(mode="json") == forum
    assert {name: forum[name] for name in draft} == draft
    assert (forum["visibility"], forum["posting"]) == ("public", "everyone")
    assert (forum["role"], forum["member_count"], forum["post_count"]) == ("owner", 1, 0)
    assert (forum["head"], forum["banned"], forum["banned_until"]) == (0, False, None)
    assert forum["created_by"] == ada.id
    (event,) = socket.received()
    assert (event["stream"], event["event"]) == (f"user:{ada.id}", "forum.joined")
    assert event["data"] == {"forum": forum}
    assert await user_events(ada) == [("forum.joined", {"forum": forum})]

    for slug in (draft["slug"], str(draft["slug"]).upper()):
        answer = await ada.call("show_forum", slug=slug)
        assert (answer.status, answer.body) == (200, forum)
    assert (await eve.call("show_forum", slug=draft["slug"])).body == {**forum, "role": None}


@pytest.mark.parametrize(
    ("visibility", "given", "posting"),
    [
        ("restricted", None, "members"),
        ("private", None, "members"),
        ("private", "moderators", "moderators"),
        ("public", "members", "members"),
    ],
)
async def test_the_visibility_decides_who_posts_by_default(
    ada: Person, visibility: str, given: str | None, posting: str
) -> None:
    forum = await new_forum(ada, visibility=visibility, posting=given)
    view = await forum.show(ada)
    assert (view["visibility"], view["posting"]) == (visibility, posting)


async def test_of_forums_with_one_slug_only_the_first_is_created(ada: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    again = await eve.call("create_forum", {"slug": forum.slug, "name": "Mine"})
    assert again.refusal == (409, "slug_taken")
    slug = new_slug()
    answers = await asyncio.gather(
        *(
            who.call("create_forum", {"slug": slug, "name": "Mine"}, many=True)
            for who in (ada, eve, ada, eve)
        )
    )
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]


async def test_the_same_nonce_creates_one_forum(ada: Person, eve: Person) -> None:
    draft = {"slug": new_slug(), "name": "Once", "nonce": "n1"}
    answers = await asyncio.gather(*(ada.call("create_forum", draft, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert len({answer.body["id"] for answer in answers}) == 1
    replayed = [answer for answer in answers if answer.status == 200]
    assert all(answer.headers["idempotent-replayed"] == "true" for answer in replayed)
    assert [type for type, _ in await user_events(ada)] == ["forum.joined"]

    other = await ada.call("create_forum", {**draft, "slug": new_slug()})
    assert other.refusal == (409, "nonce_conflict")
    hers = await eve.call("create_forum", draft)
    assert hers.refusal == (409, "slug_taken")


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "x"},
        {"slug": "Upper-Case"},
        {"slug": "-dash"},
        {"slug": "a" * 32},
        {"slug": "a/b"},
        {"slug": "ab\n"},
        {"slug": None},
        {"name": ""},
        {"name": " "},
        {"name": "a\0b"},
        {"name": "n" * 65},
        {"description": "d" * 1001},
        {"rules": "r" * 10_001},
        {"visibility": "secret"},
        {"visibility": "restricted", "posting": "everyone"},
        {"visibility": "private", "posting": "everyone"},
        {"slow_mode_seconds": -1},
        {"slow_mode_seconds": 86_401},
        {"tags": ["a", "A"]},
        {"tags": ["t" * 31]},
        {"tags": [""]},
        {"tags": [str(n) for n in range(51)]},
        {"nonce": "not one"},
    ],
)
async def test_an_invalid_draft_is_refused(ada: Person, change: dict[str, Any]) -> None:
    draft = {"slug": new_slug(), "name": "A forum", **change}
    answer = await ada.call("create_forum", draft)
    assert answer.refusal == (422, "validation_failed")
    assert answer.body["errors"]
