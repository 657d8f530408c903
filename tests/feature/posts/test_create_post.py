from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cgraph.forums.posts.models import Post
from tests.feature.forum import new_forum
from tests.feature.world import Person

SOON = "2027-11-23T07:00:00Z"

POLL = {"options": ["Burrs", "Blades"], "multiple": False, "closes_at": SOON}


async def test_a_post_is_rendered_counted_and_announced(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    body = "For **filter** coffee. <script>alert(1)</script> [x](javascript:alert(1))"
    post = await forum.post(grace, body=body, tags=["gear"])

    assert Post.model_validate(post).model_dump(mode="json") == post
    assert post["forum"] == {"id": forum.id, "slug": forum.slug}
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
    assert (await forum.show_post(grace, post)).body == post
    new_account_votes = {"new_account_votes": {"ups": 0, "downs": 0}}
    assert (await forum.show_post(ada, post)).body == post | new_account_votes
    assert await forum.post_count() == 1
    ((type, data),) = await forum.post_events()
    assert type == "post.created"
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]
    own = ("my_vote", "head", "blocked")
    assert data["post"] == {key: post[key] for key in post if key not in own}


async def test_a_link_and_a_poll_are_created(ada: Person) -> None:
    forum = await new_forum(ada)
    link = await forum.post(ada, kind="link", url="https://example.org/a?b=c")
    assert (link["kind"], link["url"], link["poll"]) == ("link", "https://example.org/a?b=c", None)
    poll = await forum.post(ada, kind="poll", poll=POLL)
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
    assert "my_choices" not in (await forum.post_events())[1][1]["post"]["poll"]


async def test_the_same_nonce_creates_one_post(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    answers = await asyncio.gather(
        *(forum.try_post(grace, nonce="n", body="Once", many=True) for _ in range(4))
    )
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201]
    assert await forum.post_count() == 1
    assert (await forum.try_post(grace, nonce="n", body="Twice")).refusal == (409, "nonce_conflict")
    elsewhere = await new_forum(ada)
    there = await elsewhere.try_post(grace, nonce="n", body="Once")
    assert there.refusal == (409, "nonce_conflict")
    conversation = await grace.converse(ada)
    sent = await grace.call(
        "send_message", {"conversation_id": conversation, "content": "a", "nonce": "n"}
    )
    assert sent.refusal == (409, "nonce_conflict")
    await grace.send(conversation, "b", nonce="m")
    assert (await forum.try_post(grace, nonce="m")).refusal == (409, "nonce_conflict")


async def test_tags_must_be_those_of_the_forum(ada: Person) -> None:
    forum = await new_forum(ada, tags=["Gear", "Beans"], tag_required=True)
    assert (await forum.post(ada, tags=["gear"]))["tags"] == ["Gear"]
    assert (await forum.try_post(ada)).refusal == (422, "invalid_tags")
    assert (await forum.try_post(ada, tags=["Tea"])).refusal == (422, "invalid_tags")


async def test_the_forum_decides_who_posts_and_how_often(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, visibility="restricted", slow_mode_seconds=60)
    assert (await forum.try_post(eve)).refusal == (403, "not_allowed")
    await forum.post(grace, nonce="n")
    assert (await forum.try_post(grace)).refusal == (429, "rate_limited")
    assert (await forum.try_post(grace, nonce="n")).status == 200
    await forum.ban(grace)
    assert (await forum.try_post(grace)).refusal == (403, "not_allowed")

    private = await new_forum(ada, visibility="private")
    assert (await private.try_post(eve)).refusal == (404, "forum_not_found")
    hidden = await private.post(ada)
    assert (await forum.show_post(eve, hidden)).refusal == (404, "post_not_found")
    assert (await private.list_posts(eve)).refusal == (404, "forum_not_found")


async def test_in_slow_mode_a_user_waits_after_each_post_or_comment(
    ada: Person, eve: Person
) -> None:
    forum = await new_forum(ada, eve, slow_mode_seconds=60)
    first = await forum.try_post(eve)
    assert first.status == 201, first
    second = await forum.try_post(eve)
    assert second.refusal == (429, "rate_limited")
    assert 55 <= int(second.headers["retry-after"]) <= 61
    comment = await eve.call("create_comment", {"body": "too"}, id=first.body["id"])
    assert comment.refusal == (429, "rate_limited")
    assert [(await forum.try_post(ada)).status for _ in range(2)] == [201, 201]

    await forum.world.sql(
        "UPDATE forum_writes SET written_at = written_at - interval '60 s' WHERE forum_id = %s",
        forum.id,
    )
    comment = await eve.call("create_comment", {"body": "too"}, id=first.body["id"])
    assert comment.status == 201, comment
    assert (await forum.try_post(eve)).refusal == (429, "rate_limited")
    await forum.change(ada, slow_mode_seconds=0)
    assert (await forum.try_post(eve)).status == 201


async def test_of_posts_at_once_in_slow_mode_one_is_created(ada: Person, eve: Person) -> None:
    forum = await new_forum(ada, eve, slow_mode_seconds=3600)
    answers = await asyncio.gather(*(forum.try_post(eve, many=True) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 429, 429, 429]


async def test_a_post_of_a_shadow_banned_user_is_for_its_author_and_moderators(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace)
    await forum.ban(grace, shadow=True)
    post = await forum.post(grace, title="Buy my pills", nonce="n")
    assert (await forum.try_post(grace, title="Buy my pills", nonce="n")).body == post
    assert (await forum.post_count(), await forum.post_events()) == (0, [])
    assert (await forum.show_post(eve, post)).refusal == (404, "post_not_found")
    for reader, titles in ((grace, ["Buy my pills"]), (ada, ["Buy my pills"]), (eve, [])):
        for sort in ("hot", "new", "top", "rising"):
            assert await forum.titles(reader, f"sort={sort}") == titles
    edited = await forum.edit_post(grace, post, title="Buy!")
    assert (edited.body["title"], await forum.post_events()) == ("Buy!", [])


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
async def test_an_invalid_draft_is_refused(ada: Person, draft: dict[str, Any], field: str) -> None:
    answer = await ada.call("create_post", {"title": "t", **draft}, slug="any")
    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_an_unknown_forum_is_not_found(ada: Person) -> None:
    for slug, refusal in (
        ("nowhere", (404, "forum_not_found")),
        ("%00", (422, "validation_failed")),
    ):
        draft = {"title": "t"}
        assert (await ada.call("create_post", draft, slug=slug)).refusal == refusal
        assert (await ada.call("list_posts", slug=slug)).refusal == refusal
