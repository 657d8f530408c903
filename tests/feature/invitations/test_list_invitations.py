from __future__ import annotations

from tests.feature.invitations.test_create_invitation import invite, register
from tests.feature.world import Person, World


async def test_the_callers_invitations_are_listed_with_who_used_them(
    world: World, ada: Person, grace: Person
) -> None:
    first, _ = await invite(ada), await invite(ada)
    await invite(grace)
    user = (await register(world, first)).body["user"]
    newest, oldest = (await ada.call("list_invitations")).body["items"]
    assert (newest["used_by"], newest["used_at"]) == (None, None)
    assert oldest["used_by"]["id"] == user["id"]
    assert "invitation" not in oldest
    page = (await ada.call("list_invitations", query="limit=1")).body
    rest = await ada.call("list_invitations", query=f"limit=1&cursor={page['next']}")
    assert [page["items"][0]["id"], rest.body["items"][0]["id"]] == [newest["id"], oldest["id"]]
