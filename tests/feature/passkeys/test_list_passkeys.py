from __future__ import annotations

from tests.feature.passkeys.holders import with_passkey
from tests.feature.world import Person


async def test_a_list_shows_the_callers_passkeys_without_their_keys(
    ada: Person, grace: Person
) -> None:
    await with_passkey(grace)
    await with_passkey(ada, name="first")
    await with_passkey(ada, name="second", second_factor=True)

    page = (await ada.call("list_passkeys")).body
    assert page["next"] is None
    assert [(item["name"], item["second_factor"]) for item in page["items"]] == [
        ("second", True),
        ("first", False),
    ]
    names = {"id", "name", "second_factor", "synced", "created_at", "last_used_at"}
    assert page["items"][0].keys() == names
