"""Uploads as the worker leaves them, without the storage."""

from __future__ import annotations

import json
from uuid import uuid4

from tests.feature.world import Person, World


async def uploaded(
    world: World,
    person: Person,
    *,
    status: str = "ready",
    purpose: str = "attachment",
    filename: str = "a.png",
) -> str:
    """The id of an upload of the person."""
    id = str(uuid4())
    objects = [
        {"name": "original.webp", "content_type": "image/webp", "size": 9},
        {"name": "w320.webp", "content_type": "image/webp", "size": 5, "width": 320, "height": 200},
    ]
    await world.sql(
        """
        INSERT INTO uploads (id, user_id, purpose, status, filename, content_type, size, kind,
                             width, height, objects, created_at, ready_at)
        VALUES (%s, %s, %s, %s, %s, 'image/webp', 9, 'image', 640, 400, %s, now(), now())
        """,
        id,
        person.id,
        purpose,
        status,
        filename,
        json.dumps(objects if status == "ready" else []),
    )
    return id


async def sees(person: Person, id: str) -> bool:
    answer = await person.call("sign_uploads", {"uploads": [id]})
    assert answer.status == 200, answer
    return bool(answer.body["items"])
