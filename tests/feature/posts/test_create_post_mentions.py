"""Whom posts and comments mention."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import new_forum, new_thread
from tests.feature.world import Person


async def test_a_post_mentions_those_whom_its_text_names(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada)
    body = f"**@{grace.username}**: see `@{eve.username}` and https://a.example/@{eve.username}"
    post = await forum.post(ada, body=body)

    assert post["mentions"] == [grace.id]
    assert (await forum.post_events())[0][1]["post"]["mentions"] == [grace.id]
    edited = (await forum.edit_post(ada, post, body=f"@{eve.username}. @{eve.username}")).body
    assert edited["mentions"] == [eve.id]
    retitled = (await forum.edit_post(ada, edited, title="Another title")).body
    assert retitled["mentions"] == [eve.id]
    assert (await forum.post_events())[-1][1]["post"]["mentions"] == [eve.id]


async def test_a_comment_mentions_those_whom_its_text_names(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(grace, f"_@{ada.username}_ `@{eve.username}`")

    assert comment["mentions"] == [ada.id]
    assert (await thread.events())[-1][1]["comment"]["mentions"] == [ada.id]
    edit = {"body": f"@{eve.username}", "version": 1}
    edited = (await grace.call("edit_comment", edit, id=comment["id"])).body
    assert edited["mentions"] == [eve.id]
    assert (await thread.events())[-1][1]["comment"]["mentions"] == [eve.id]


async def test_only_readers_of_the_forum_without_a_block_to_the_author_are_mentioned(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, visibility="private")
    body = f"@{ada.username} @{grace.username} @{eve.username}"
    everyone = sorted([ada.id, grace.id])

    assert (await forum.post(ada, body=body))["mentions"] == everyone
    await ada.call("block_user", user_id=grace.id)
    post = await forum.post(grace, body=body)
    assert post["mentions"] == [grace.id]
    comment = await grace.call("create_comment", {"body": body}, id=post["id"])
    assert comment.body["mentions"] == [grace.id]
    assert (await forum.post(ada, body=body))["mentions"] == [ada.id]


async def test_moderators_mention_everyone(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    await forum.insert_member(grace, role="moderator")
    for author, everyone, here in ((ada, "everyone", "here"), (grace, "everyone", "here"),
                                   (eve, None, None)):  # fmt: skip
        post = await forum.post(author, body="@everyone: rules")
        assert post["mentions_everyone"] == everyone
        edited = (await forum.edit_post(author, post, body="@here: rules")).body
        assert edited["mentions_everyone"] == here
        comment = await author.call("create_comment", {"body": "@here"}, id=post["id"])
        assert comment.body["mentions_everyone"] == here
        edit = {"body": "`@here`", "version": 1}
        comment = await author.call("edit_comment", edit, id=comment.body["id"])
        assert comment.body["mentions_everyone"] is None


async def test_deleted_texts_mention_nobody(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(ada, f"@{grace.username} @everyone")
    post = await thread.forum.post(ada, body=f"@{grace.username} @everyone")
    gone = [
        (await ada.call("delete_comment", id=comment["id"])).body,
        (await ada.call("delete_post", id=post["id"])).body,
        *(data["comment"] for kind, data in await thread.events() if "comment" in data),
        *(data["post"] for _, data in await thread.forum.post_events() if is_about(post, data)),
    ]

    assert len(gone) == 6
    for each in gone:
        assert (each["mentions"], each["mentions_everyone"]) == ([], None)


async def test_a_post_that_moves_to_a_private_forum_mentions_its_members_only(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum, private = await new_forum(ada), await new_forum(ada, grace, visibility="private")
    post = await forum.post(ada, body=f"@{grace.username} @{eve.username}")
    moved = await ada.call("move_post", {"forum": private.slug}, id=post["id"])

    assert post["mentions"] == sorted([grace.id, eve.id])
    assert moved.body["mentions"] == [grace.id]


def is_about(post: Any, data: Any) -> bool:
    return bool(data["post"]["id"] == post["id"])
