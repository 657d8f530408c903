"""Members whom the content of a message mentions."""

from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.world import Person


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
    ):
        assert await mentioned(ada, group, nobody) == []
    assert await mentioned(ada, group, f"Ask @{grace.username}.") == [grace.id]


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
