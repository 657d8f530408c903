from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.forums.posts.models import Post
from tests.feature.posts.board import board
from tests.feature.world import Person

SOON = "2027-11-23T07:00:00Z"
POLL = {"options": ["Burrs", "Blades"], "multiple": False, "closes_at": SOON}


async def test_written_rendered_counted_and_told(ada: Person, grace: Person) -> None:
    place = await board(ada)
    body = "For **filter** coffee. <script>alert(1)</script> [x](javascript:alert(1))"
    post = await place.post(grace, body=body, tags=["gear"])

    assert Post.model_validate(post).model_dump(mode="json") == post
    assert post["forum"] == {"id": place.forum.id, "slug": place.forum.slug}
    assert post["author"]["username"] == grace.username
    assert (post["kind"], post["body"], post["tags"], post["version"]) == (
        "text",
        body,
        ["gear"],
        1,
    )
    assert "<strong>filter</strong>" in post["body_html"]
    assert "<script" not in post["body_html"] and "href" not in post["body_html"]
    assert (post["score"], post["my_vote"], post["head"]) == (0, 0, 0)
    assert (await place.show(ada, post)).body == post
    assert await place.counted() == 1
    ((type, data),) = await place.events()
    assert type == "post.created"
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]
    assert data["post"] == {key: post[key] for key in post if key not in ("my_vote", "head")}


async def test_links_and_polls(ada: Person) -> None:
    place = await board(ada)
    link = await place.post(ada, kind="link", url="https://example.org/a?b=c")
    assert (link["kind"], link["url"], link["poll"]) == ("link", "https://example.org/a?b=c", None)
    poll = await place.post(ada, kind="poll", poll=POLL)
    assert Post.model_validate(poll).model_dump(mode="json") == poll
    assert poll["poll"] == {
        "multiple": False,
        "closes_at": "2027-11-23T07:00:00.000Z",
        "voters": 0,
        "options": [
            {"place": 0, "label": "Burrs", "votes": 0},
            {"place": 1, "label": "Blades", "votes": 0},
        ],
        "my_choices": [],
    }
    assert "my_choices" not in (await place.events())[1][1]["post"]["poll"]


async def test_the_same_nonce_makes_one_post(ada: Person, grace: Person) -> None:
    place = await board(ada)
    answers = await asyncio.gather(
        *(place.try_post(grace, nonce="n", body="Once", many=True) for _ in range(4))
    )
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert await place.counted() == 1
    assert (await place.try_post(grace, nonce="n", body="Twice")).refusal == (409, "nonce_conflict")
    elsewhere = await board(ada)
    there = await elsewhere.try_post(grace, nonce="n", body="Once")
    assert there.refusal == (409, "nonce_conflict")
    conversation = await grace.converse(ada)
    sent = await grace.call(
        "send_message", {"conversation_id": conversation, "content": "a", "nonce": "n"}
    )
    assert sent.refusal == (409, "nonce_conflict")
    await grace.send(conversation, "b", nonce="m")
    assert (await place.try_post(grace, nonce="m")).refusal == (409, "nonce_conflict")


async def test_tags_are_those_of_the_forum(ada: Person) -> None:
    place = await board(ada, tags=["Gear", "Beans"], tag_required=True)
    assert (await place.post(ada, tags=["gear"]))["tags"] == ["Gear"]
    assert (await place.try_post(ada)).refusal == (422, "invalid_tags")
    assert (await place.try_post(ada, tags=["Tea"])).refusal == (422, "invalid_tags")


async def test_who_may_write_and_how_often(ada: Person, grace: Person, eve: Person) -> None:
    place = await board(ada, grace, visibility="restricted", slow_mode_seconds=60)
    assert (await place.try_post(eve)).refusal == (403, "not_allowed")
    await place.post(grace, nonce="n")
    assert (await place.try_post(grace)).refusal == (429, "rate_limited")
    assert (await place.try_post(grace, nonce="n")).status == 200
    await place.forum.ban(grace)
    assert (await place.try_post(grace)).refusal == (403, "not_allowed")

    private = await board(ada, visibility="private")
    assert (await private.try_post(eve)).refusal == (404, "forum_not_found")
    hidden = await private.post(ada)
    assert (await place.show(eve, hidden)).refusal == (404, "post_not_found")
    assert (await private.page(eve)).refusal == (404, "forum_not_found")


async def test_of_the_shadow_banned_nobody_hears(ada: Person, grace: Person, eve: Person) -> None:
    place = await board(ada, grace)
    await place.forum.ban(grace, shadow=True)
    post = await place.post(grace, title="Buy my pills", nonce="n")
    assert (await place.try_post(grace, title="Buy my pills", nonce="n")).body == post
    assert (await place.counted(), await place.events()) == (0, [])
    assert (await place.show(eve, post)).refusal == (404, "post_not_found")
    for reader, shown in ((grace, ["Buy my pills"]), (ada, ["Buy my pills"]), (eve, [])):
        for sort in ("hot", "new", "top", "rising"):
            assert await place.titles(reader, f"sort={sort}") == shown
    edited = await place.edit(grace, post, title="Buy!")
    assert (edited.body["title"], await place.events()) == ("Buy!", [])


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " "}, "title"),
        ({"title": "a" * 301}, "title"),
        ({"title": "\0"}, "title"),
        ({"title": None}, "title"),
        ({"body": "a" * 40_001}, "body"),
        ({"body": "\0"}, "body"),
        ({"kind": "video"}, "kind"),
        ({"url": "https://example.org"}, ""),
        ({"kind": "link"}, ""),
        ({"kind": "link", "url": "javascript:alert(1)"}, "url"),
        ({"kind": "link", "url": "https://a\0b"}, "url"),
        ({"kind": "link", "url": "https://" + "a" * 2000}, "url"),
        ({"kind": "poll"}, ""),
        ({"poll": POLL}, ""),
        ({"kind": "poll", "poll": {"options": ["one"]}}, "poll.options"),
        ({"kind": "poll", "poll": {"options": ["one", "One"]}}, "poll.options"),
        ({"kind": "poll", "poll": {"options": [str(n) for n in range(11)]}}, "poll.options"),
        ({"kind": "poll", "poll": {"options": ["a", "\0"]}}, "poll.options.1"),
        ({"kind": "poll", "poll": {**POLL, "closes_at": "2020-01-01T00:00:00Z"}}, "poll.closes_at"),
        ({"kind": "poll", "poll": {**POLL, "closes_at": "9999-01-01T00:00:00Z"}}, "poll.closes_at"),
        ({"kind": "poll", "poll": {**POLL, "closes_at": "2027-01-01T00:00:00"}}, "poll.closes_at"),
        ({"tags": ["a", "A"]}, "tags"),
        ({"tags": list("abcdef")}, "tags"),
        ({"tags": ["a" * 31]}, "tags.0"),
        ({"tags": ["\0"]}, "tags.0"),
        ({"nonce": "no spaces"}, "nonce"),
    ],
)
async def test_bad_drafts(ada: Person, draft: dict[str, Any], field: str) -> None:
    answer = await ada.call("create_post", {"title": "t", **draft}, slug="any")
    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_no_forum_has_such_a_slug(ada: Person) -> None:
    for slug, refusal in (
        ("nowhere", (404, "forum_not_found")),
        ("%00", (422, "validation_failed")),
    ):
        draft = {"title": "t"}
        assert (await ada.call("create_post", draft, slug=slug)).refusal == refusal
        assert (await ada.call("list_posts", slug=slug)).refusal == refusal
