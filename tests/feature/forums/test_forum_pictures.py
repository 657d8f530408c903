"""The icon and the banner of a forum: uploads of its owner, which everybody may load."""

from __future__ import annotations

import pytest

from tests.feature.forum import new_forum
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def test_the_forum_and_lists_show_icon_and_banner(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    assert ((await forum.show(ada))["icon"], (await forum.show(ada))["banner"]) == (None, None)
    icon = await uploaded(world, ada, purpose="icon")
    banner = await uploaded(world, ada, purpose="banner")
    changed = await forum.change(ada, icon=icon, banner=banner)

    assert changed.status == 200, changed
    shown = await forum.show(grace)
    (listed,) = (await ada.call("list_forums", query="mine=true")).body["items"]
    joined = (await forum.join(grace)).body
    again = (await forum.join(grace)).body
    for each in (changed.body, shown, listed, joined, again):
        assert each["icon"]["url"] == f"https://media.example/public/{icon}/original.webp"
        assert each["banner"]["thumbnails"][0]["url"].endswith(f"/{banner}/w320.webp")
    (kind, data), *_ = await forum.events()
    assert (kind, data["forum"]["icon"]["id"]) == ("forum.updated", icon)
    assert data["forum"]["icon"]["url"] is None
    assert (await forum.audit_log())[-1]["detail"] == {"changed": ["icon", "banner"]}


async def test_what_is_replaced_or_removed_is_freed(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    first, second = [await uploaded(world, ada, purpose="icon") for _ in range(2)]
    banner = await uploaded(world, ada, purpose="banner")
    await forum.change(ada, icon=first, banner=banner)
    await forum.change(ada, icon=second)
    assert await world.sql(IS_DELETED, first) == [(True,)]
    assert (await ada.call("delete_upload", id=second)).refusal == (409, "upload_in_use")
    renamed = (await forum.change(ada, name="Tea")).body
    assert (renamed["icon"]["id"], renamed["banner"]["id"]) == (second, banner)
    removed = (await forum.change(ada, icon=None)).body
    assert (removed["icon"], removed["banner"]["id"]) == (None, banner)
    assert await world.sql(IS_DELETED, second) == [(True,)]
    assert await world.sql(IS_DELETED, banner) == [(False,)]


async def test_the_same_icon_again_changes_nothing(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    icon = await uploaded(world, ada, purpose="icon")
    first = await forum.change(ada, icon=icon)
    again = await forum.change(ada, icon=icon)
    assert (again.status, again.body) == (200, first.body)
    assert len(await forum.events()) == 1
    assert await world.sql(IS_DELETED, icon) == [(False,)]


@pytest.mark.parametrize("field", ["icon", "banner"])
async def test_only_ready_uploads_of_the_owner_for_this_purpose_are_taken(
    world: World, ada: Person, grace: Person, field: str
) -> None:
    forum = await new_forum(ada)
    other = {"icon": "banner", "banner": "avatar"}[field]
    strange = [
        await uploaded(world, grace, purpose=field),
        await uploaded(world, ada, purpose=other),
        await uploaded(world, ada),
    ]
    for id in strange:
        refused = await forum.change(ada, name="Changed", **{field: id})
        assert refused.refusal == (404, "upload_not_found")
    pending = await uploaded(world, ada, purpose=field, status="pending")
    assert (await forum.change(ada, **{field: pending})).refusal == (409, "upload_not_ready")
    shown = await forum.show(ada)
    assert (shown[field], shown["name"] == "Changed") == (None, False)
    assert await forum.events() == []
