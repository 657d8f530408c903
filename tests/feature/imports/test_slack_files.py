"""Files whose content is in an export become attachments of their messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cgraph_local.imports.errors import CannotImport
from tests.feature.imports.importing import Importing
from tests.feature.imports.workspace import T, Workspace, message
from tests.feature.uploads.files import notification, picture, stored
from tests.feature.world import Person, World

MISSING = "left out: a file that is not in the export"
WAITING = """
    SELECT u.id FROM uploads u JOIN users o ON o.id = u.user_id
    WHERE u.status IN ('pending', 'processing') AND o.email LIKE '%%@imported.invalid'
    """
REFUSED = "left out: a file that was refused: not_readable"


@pytest.fixture
def workspace() -> Workspace:
    """Its channel `tea` has no messages yet."""
    workspace = Workspace()
    for day in ("tea/2015-01-03.json", "tea/2015-02-01.json", "archived/2015-01-03.json"):
        workspace.files[day] = []
    return workspace


def file(key: str, name: str, mimetype: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "name": name, "title": name, "mimetype": mimetype, **fields}


@asynccontextmanager
async def processing(world: World) -> AsyncIterator[list[str]]:
    """What comes is processed, as the event of the bucket has it. The ids, each once."""
    done: list[str] = []

    async def work() -> None:
        while True:
            for (id,) in await world.sql(WAITING):
                result = await world.work_off("workers.process_uploads", notification(str(id)))
                if result == {"batchItemFailures": []}:
                    done.append(str(id))
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield done
    finally:
        task.cancel()


async def read(
    importing: Importing, reader: Person, workspace: Workspace, folder: Path, *messages: Any
) -> list[Any]:
    workspace.files["tea/2015-01-03.json"] = list(messages)
    await importing.slack(workspace.write(folder / "export.zip"), owner=reader)
    listed = await reader.call("list_conversations")
    tea = next(each for each in listed.body["items"] if each["name"] == "tea")
    answer = await reader.call("list_messages", id=tea["id"])
    return list(reversed(answer.body["items"]))


async def test_files_in_the_export_are_attached_and_processed_as_any_upload(
    world: World, importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path, s3: Any
) -> None:
    workspace.files["__uploads/F1/pot.png"] = picture()
    workspace.files["tea/attachments/F2-plan.txt"] = b"Steep for three minutes"
    files = [
        file("F1", "pot.png", "image/jpeg", alt_txt="A pot"),
        file("F2", "plan.txt", "text/plain"),
    ]
    async with processing(world):
        (shown,) = await read(
            *(importing, ada, workspace, tmp_path),
            message(workspace.zoe, "", T, subtype="file_share", files=files),
        )

    pot, plan = shown["attachments"]
    assert (pot["kind"], pot["filename"], pot["alt"]) == ("image", "pot.png", "A pot")
    assert (plan["kind"], plan["filename"]) == ("file", "plan.txt")
    assert shown["content"] == ""
    assert stored(s3, pot["id"]).keys() == {"original.png"}
    assert importing.reasons() == {}


async def test_a_second_import_changes_nothing_and_sends_nothing(
    world: World, importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path, s3: Any
) -> None:
    workspace.files["__uploads/F1/pot.png"] = picture()
    shared = message(workspace.zoe, "the pot", T, files=[file("F1", "pot.png", "image/png")])
    async with processing(world) as first:
        before = await read(importing, ada, workspace, tmp_path, shared)
    async with processing(world) as second:
        after = await read(importing, ada, workspace, tmp_path, shared)

    assert [each["attachments"] for each in after] == [each["attachments"] for each in before]
    assert (first, second) == ([before[0]["attachments"][0]["id"]], [])


async def test_an_import_that_was_stopped_between_a_row_and_its_file_goes_on(
    world: World, importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path, s3: Any
) -> None:
    workspace.files["__uploads/F1/pot.png"] = picture()
    shared = message(workspace.zoe, "the pot", T, files=[file("F1", "pot.png", "image/png")])
    workspace.files["tea/2015-01-03.json"] = [shared]
    with pytest.raises(CannotImport):
        await importing.slack(workspace.write(tmp_path / "first.zip"), owner=ada, bucket="away")

    async with processing(world):
        (shown,) = await read(importing, ada, workspace, tmp_path, shared)

    assert [each["filename"] for each in shown["attachments"]] == ["pot.png"]


async def test_a_file_that_is_missing_or_refused_is_named_in_the_text(
    world: World, importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path, s3: Any
) -> None:
    workspace.files["__uploads/F1/pot.png"] = picture()
    workspace.files["__uploads/F2/torn.png"] = picture()[:60]
    files = [
        file("F1", "pot.png", "image/png"),
        file("F2", "torn.png", "image/png"),
        file("F3", "gone.png", "image/png"),
    ]
    async with processing(world):
        (shown,) = await read(
            *(importing, ada, workspace, tmp_path),
            message(workspace.zoe, "Pots", T, files=files),
        )

    assert [each["filename"] for each in shown["attachments"]] == ["pot.png"]
    assert shown["content"] == "Pots\n\\[file: gone.png\\]\n\\[file: torn.png\\]"
    assert "torn.png" in shown["content_html"]
    assert importing.reasons() == {MISSING: 1, REFUSED: 1}
