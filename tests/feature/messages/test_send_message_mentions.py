"""Whom the content of a message mentions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feature.conversation import Conversation
from tests.feature.world import Person, World


async def mentioned(person: Person, group: Conversation, content: str) -> list[str]:
    return list((await person.send(group.id, content))["mentions"])


async def test_members_named_in_the_content_are_mentioned(
    ada: Person, grace: Person, eve: Person, group: Conversation
) -> None:
    content = f"@{grace.username.upper()}, (@{ada.username}) and @{eve.username}: look."

    assert await mentioned(ada, group, content) == sorted([ada.id, grace.id])
    for nobody in (
        f"mail {grace.username}@example.org or me@{grace.username}",
        f"@{grace.username}@elsewhere.example",
        f"@@{grace.username} @{grace.username}x @",
        f"`@{grace.username}`",
        f"```\n@{grace.username}\n```",
        f"https://example.org/@{grace.username}/post",
    ):
        assert await mentioned(ada, group, nobody) == []
    assert await mentioned(ada, group, f"Ask @{grace.username}.") == [grace.id]
    for somebody in (f"_@{grace.username}_", f"**@{grace.username}**", f"你@{grace.username}好"):
        assert await mentioned(ada, group, somebody) == [grace.id]


async def test_the_longest_name_that_a_member_has_is_mentioned(
    world: World, ada: Person, grace: Person, group: Conversation
) -> None:
    """`bob` and `bob.` are members; a stranger's longer name changes nothing."""
    bob, bobs_double = [await world.new_person() for _ in range(2)]
    name = bob.username
    await world.sql("UPDATE users SET username = %s WHERE id = %s", f"{name}.", bobs_double.id)
    assert await mentioned(ada, group, f"@{name}.") == []
    for person in (bob, bobs_double):
        await ada.call("put_member", {}, id=group.id, user_id=person.id)
        assert await mentioned(ada, group, f"@{name}.") == [person.id]
    assert await mentioned(ada, group, f"@{name}") == [bob.id]
    assert await mentioned(ada, group, f"@{name}...") == [bobs_double.id]
    assert await mentioned(ada, group, f"@{name}. @{name}") == sorted([bob.id, bobs_double.id])


async def test_after_a_block_neither_of_the_two_mentions_the_other(
    ada: Person, grace: Person, group: Conversation
) -> None:
    of_ada, of_grace = [await person.send(group.id, "hi") for person in (ada, grace)]
    await grace.call("block_user", user_id=ada.id)

    assert await mentioned(ada, group, f"@{grace.username}") == []
    assert await mentioned(grace, group, f"@{ada.username}") == []
    for author, other, quoted in ((ada, grace, of_grace), (grace, ada, of_ada)):
        reply = await author.send(group.id, f"@{other.username}", reply_to=quoted["id"])
        assert (reply["quoted"]["id"], reply["mentions"]) == (quoted["id"], [])
        edited = await group.edit(author, reply, f"again @{other.username}")
        assert edited.body["mentions"] == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("@everyone: lunch", "everyone"),
        ("**@Here**.", "here"),
        ("@here and @everyone", "everyone"),
        ("`@everyone`", None),
        ("@everyones", None),
    ],
)
async def test_owners_and_admins_mention_a_whole_group(
    ada: Person, grace: Person, group: Conversation, content: str, expected: Any
) -> None:
    sent = await ada.send(group.id, content)
    assert sent["mentions_everyone"] == expected
    assert (await grace.send(group.id, content))["mentions_everyone"] is None
    await ada.call("put_member", {"role": "admin"}, id=group.id, user_id=grace.id)
    sent = await grace.send(group.id, content)
    assert sent["mentions_everyone"] == expected
    edited = (await group.edit(grace, sent, "never mind")).body
    assert edited["mentions_everyone"] is None
    edited = (await group.edit(grace, edited, content, version=2)).body
    assert edited["mentions_everyone"] == expected
    assert (await group.events("message.updated"))[-1]["message"] == edited


async def test_nobody_mentions_everyone_in_a_direct_conversation(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    for person in (ada, grace):
        sent = await person.send(direct.id, "@everyone")
        assert sent["mentions_everyone"] is None
        edited = (await direct.edit(person, sent, "@here")).body
        assert edited["mentions_everyone"] is None
