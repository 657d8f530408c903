from __future__ import annotations

from tests.feature.api_tokens.people import as_program, create_token
from tests.feature.world import Person, World


async def test_a_list_shows_the_callers_tokens_without_their_secrets(
    ada: Person, grace: Person
) -> None:
    first = await create_token(ada, "profile:read")
    second = await create_token(ada, "messages:write", "messages:read", name="Nightly")
    await create_token(grace, "profile:read")

    page = (await ada.call("list_api_tokens")).body
    assert page["next"] is None
    assert [item["id"] for item in page["items"]] == [second["id"], first["id"]]
    assert page["items"][0] == {name: second[name] for name in second if name != "token"}
    assert page["items"][0]["scopes"] == ["messages:read", "messages:write"]


async def test_a_list_says_when_a_token_was_last_used(world: World, ada: Person) -> None:
    created = await create_token(ada, "profile:read")
    await as_program(ada, created["token"]).call("show_me")
    (item,) = (await ada.call("list_api_tokens")).body["items"]
    assert item["last_used_at"] >= item["created_at"]

    await world.sql("UPDATE api_tokens SET expires_at = now() WHERE id = %s", created["id"])
    assert (await ada.call("list_api_tokens")).body["items"] == []
