"""One worker at a time has an upload, and another one takes it when that worker is gone.

R27 kills workers: their messages come again when the lease has ended.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.feature.uploads.files import notification, picture, send
from tests.feature.world import Person, World

WORKER = "workers.process_uploads"


async def claim(world: World, id: str, *, until: timedelta) -> None:
    """As another worker does, or did."""
    await world.sql(
        """
        UPDATE uploads
        SET status = 'processing', claim = gen_random_uuid(), claimed_until = now() + %s
        WHERE id = %s
        """,
        until,
        id,
    )


async def test_an_upload_that_a_worker_has_is_tried_again_later(world: World, ada: Person) -> None:
    id = await send(ada, picture(), "image/png")
    await claim(world, id, until=timedelta(minutes=1))

    result = await world.work_off(WORKER, notification(id))

    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert (await ada.call("show_upload", id=id)).body["status"] == "processing"


async def test_an_upload_of_a_killed_worker_is_processed_by_the_next(
    world: World, ada: Person
) -> None:
    id = await send(ada, picture(), "image/png")
    await claim(world, id, until=timedelta(milliseconds=-1))

    assert await world.work_off(WORKER, notification(id)) == {"batchItemFailures": []}
    assert (await ada.call("show_upload", id=id)).body["status"] == "ready"


async def test_an_attempt_that_failed_leaves_no_claim(world: World, ada: Person, s3: Any) -> None:
    id = await send(ada, picture(), "image/png")
    s3.delete_object(Bucket="cgraph-media", Key=f"incoming/{id}")

    result = await world.work_off(WORKER, notification(id))

    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    rows = await world.sql("SELECT claimed_until <= now() FROM uploads WHERE id = %s", id)
    assert rows == [(True,)]
