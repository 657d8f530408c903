"""URLs for who may see the upload, and for nobody else."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from cgraph.media.signatures import verify
from cgraph_local.gateway import MediaKeys
from tests.feature.world import Person, World

OBJECTS = [
    {"name": "original.webp", "content_type": "image/webp", "size": 100},
    {"name": "w320.webp", "content_type": "image/webp", "size": 10, "width": 320, "height": 200},
]


async def ready(world: World, person: Person, *, purpose: str = "attachment") -> str:
    """The id of an upload as the worker leaves it."""
    draft = {"filename": "tea.png", "content_type": "image/png", "size": 100, "purpose": purpose}
    upload: dict[str, Any] = (await person.call("create_upload", draft)).body["upload"]
    await world.sql(
        """
        UPDATE uploads SET status = 'ready', kind = 'image', objects = %s,
            ready_at = now(), stored_bytes = 110
        WHERE id = %s
        """,
        Jsonb(OBJECTS),
        UUID(upload["id"]),
    )
    return str(upload["id"])


async def test_the_owner_gets_urls_that_open_each_object(
    world: World, ada: Person, media_keys: MediaKeys
) -> None:
    id = await ready(world, ada)
    answer = await ada.call("sign_uploads", {"uploads": [id]})

    assert answer.status == 200
    (upload,) = answer.body["items"]
    ends = datetime.fromisoformat(answer.body["expires_at"]).timestamp()
    assert 119 < ends - time.time() <= 240
    for item, name in zip([upload, *upload["thumbnails"]], ["original", "w320"], strict=True):
        parts = urlsplit(item["url"])
        assert parts.path == f"/{item['path']}" == f"/media/{id}/{name}.webp"
        keys = {media_keys.key_id: media_keys.public}
        base = "https://media.example"
        until = verify(parts.path, parts.query, base=base, keys=keys, now=time.time())
        assert until >= ends


async def test_who_may_not_see_it_gets_no_url(world: World, ada: Person, eve: Person) -> None:
    ids = [await ready(world, ada), str(uuid4())]
    assert (await eve.call("sign_uploads", {"uploads": ids})).body["items"] == []


async def test_what_is_not_ready_or_deleted_has_no_url(world: World, ada: Person) -> None:
    draft = {"filename": "tea.png", "content_type": "image/png", "size": 100}
    pending = (await ada.call("create_upload", draft)).body["upload"]["id"]
    deleted = await ready(world, ada)
    await world.sql("UPDATE uploads SET deleted_at = now() WHERE id = %s", UUID(deleted))
    answer = await ada.call("sign_uploads", {"uploads": [pending, deleted]})
    assert answer.body["items"] == []


async def test_a_public_picture_has_the_same_url_for_everybody(world: World, ada: Person) -> None:
    id = await ready(world, ada, purpose="avatar")
    (upload,) = (await ada.call("sign_uploads", {"uploads": [id]})).body["items"]
    assert upload["url"] == f"https://media.example/public/{id}/original.webp"


async def test_they_come_in_the_order_of_the_request_and_once(world: World, ada: Person) -> None:
    first, second = await ready(world, ada), await ready(world, ada)
    answer = await ada.call("sign_uploads", {"uploads": [second, first, second]})
    assert [upload["id"] for upload in answer.body["items"]] == [second, first]


@pytest.mark.parametrize("uploads", [[], ["x"], [str(uuid4())] * 101])
async def test_a_wrong_list_is_refused(ada: Person, uploads: list[str]) -> None:
    answer = await ada.call("sign_uploads", {"uploads": uploads})
    assert answer.refusal == (422, "validation_failed")
