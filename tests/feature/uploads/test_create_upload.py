from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.feature.world import Answer, Person, World

MB = 1024 * 1024


async def begin(person: Person, *, many: bool = False, **fields: object) -> Answer:
    draft = {"filename": "tea.png", "content_type": "image/png", "size": 1000, **fields}
    return await person.call("create_upload", draft, many=many)


async def test_a_new_upload_is_pending_and_says_where_to_send_the_file(ada: Person) -> None:
    answer = await begin(ada)

    assert answer.status == 201
    upload = answer.body["upload"]
    assert (upload["status"], upload["filename"], upload["size"]) == ("pending", "tea.png", 1000)
    assert (upload["kind"], upload["url"], upload["thumbnails"]) == (None, None, [])
    assert answer.body["fields"]["key"] == f"incoming/{upload['id']}"
    assert answer.body["parts"] is None
    assert (await ada.call("show_upload", id=upload["id"])).body == upload


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"size": 25 * MB + 1}, (413, "file_too_large")),
        ({"size": 100 * MB + 1, "content_type": "application/zip"}, (413, "file_too_large")),
        ({"size": 10 * MB + 1, "purpose": "avatar"}, (413, "file_too_large")),
        ({"size": 2 * MB, "purpose": "emoji"}, (413, "file_too_large")),
        ({"purpose": "avatar", "content_type": "video/mp4"}, (415, "type_not_supported")),
        ({"purpose": "voice"}, (415, "type_not_supported")),
        ({"size": 0}, (422, "validation_failed")),
        ({"content_type": "image"}, (422, "validation_failed")),
        ({"filename": " "}, (422, "validation_failed")),
        ({"checksum": "short"}, (422, "validation_failed")),
        ({"key": "public/x"}, (422, "unknown_field")),
    ],
)
async def test_what_may_not_be_uploaded_is_refused_before_it_is_sent(
    ada: Person, fields: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert (await begin(ada, **fields)).refusal == refusal
    assert (await ada.call("list_uploads")).body["items"] == []


async def test_uploads_at_the_same_time_do_not_exceed_the_storage_of_the_plan(
    world: World, ada: Person
) -> None:
    await world.sql(
        "INSERT INTO upload_usage (user_id, bytes) VALUES (%s, %s)", ada.id, 5 * 1024 * MB - 5000
    )

    answers = await asyncio.gather(*(begin(ada, many=True) for _ in range(8)))

    assert sorted(answer.status for answer in answers) == [201] * 5 + [409] * 3
    assert {a.refusal for a in answers if a.status == 409} == {(409, "storage_full")}


async def test_a_plan_of_their_own_gives_a_user_more(world: World, ada: Person) -> None:
    await world.sql("INSERT INTO upload_plans (user_id, plan) VALUES (%s, 'large')", ada.id)

    answer = await begin(ada, size=150 * MB, content_type="application/zip")

    assert answer.status == 201, answer


async def test_too_many_uploads_in_an_hour_are_refused(world: World, ada: Person) -> None:
    await world.sql(
        "INSERT INTO upload_usage (user_id, hour_at, begun) VALUES (%s, now(), 299)", ada.id
    )
    assert (await begin(ada)).status == 201
    assert (await begin(ada)).refusal == (429, "too_many_uploads")

    await world.sql("UPDATE upload_usage SET hour_at = now() - interval '61 minutes'")
    assert (await begin(ada)).status == 201
