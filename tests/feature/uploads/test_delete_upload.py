"""What is deleted or not needed is removed, with all its versions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.feature.uploads.files import begin, picture, send, stored, upload, versions
from tests.feature.world import Person, World


async def use(world: World, id: str) -> None:
    await world.sql(
        "INSERT INTO upload_uses (upload_id, kind, used_by) VALUES (%s, 'message', %s)",
        id,
        str(uuid4()),
    )


async def sweep(world: World) -> None:
    await world.run(_sweep)


def _sweep() -> None:
    from tests.feature.environment import work_off

    work_off("schedules.sweep_uploads", {})


async def test_a_deleted_upload_is_removed_by_the_worker(
    world: World, ada: Person, s3: Any
) -> None:
    world.queues.drain(world.queues.media)
    ready = await upload(ada, picture(), "image/png")

    assert (await ada.call("delete_upload", id=ready["id"])).status == 204
    assert (await ada.call("show_upload", id=ready["id"])).refusal == (404, "upload_not_found")
    assert (await ada.call("delete_upload", id=ready["id"])).refusal == (404, "upload_not_found")
    jobs = world.queues.drain(world.queues.media)
    assert jobs == [{"remove": ready["id"]}]
    for _ in range(2):
        await world.work_off("workers.process_uploads", *jobs)

    assert versions(s3, ready["id"]) == []
    assert await world.sql("SELECT 1 FROM uploads WHERE id = %s", ready["id"]) == []


async def test_an_upload_that_is_used_is_not_deleted(world: World, ada: Person, s3: Any) -> None:
    ready = await upload(ada, picture(), "image/png")
    await use(world, ready["id"])

    assert (await ada.call("delete_upload", id=ready["id"])).refusal == (409, "upload_in_use")
    assert stored(s3, ready["id"])


async def test_a_job_removes_nothing_that_is_not_deleted(
    world: World, ada: Person, s3: Any
) -> None:
    ready = await upload(ada, picture(), "image/png")

    await world.work_off("workers.process_uploads", {"remove": ready["id"]})

    assert stored(s3, ready["id"])


async def test_the_sweeper_removes_what_nobody_needs_any_more(
    world: World, ada: Person, s3: Any
) -> None:
    used = await upload(ada, picture(), "image/png")
    unused = await upload(ada, picture(), "image/png")
    arrived = await send(ada, picture(), "image/png")
    never_came = (await begin(ada, b"x", "text/plain", in_parts=True))["upload"]["id"]
    fresh = await upload(ada, picture(), "image/png")
    await use(world, used["id"])
    await world.sql(
        "UPDATE uploads SET created_at = now() - interval '25 hours', "
        "ready_at = ready_at - interval '25 hours' WHERE user_id = %s AND id <> %s",
        ada.id,
        fresh["id"],
    )

    await sweep(world)  # it gives the queue some minutes for what it marks now
    await world.sql("UPDATE uploads SET deleted_at = deleted_at - interval '6 minutes'")
    await sweep(world)

    kept = {
        str(row[0]) for row in await world.sql("SELECT id FROM uploads WHERE user_id = %s", ada.id)
    }
    assert kept == {used["id"], fresh["id"]}
    for id in (unused["id"], arrived, never_came):
        assert versions(s3, id) == []
    assert stored(s3, used["id"])
    assert (await ada.call("show_upload", id=used["id"])).status == 200
