"""The reference client sends files, and another one sees them, against the running system."""

from __future__ import annotations

from base64 import b64decode
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cgraph_client import Client, Conflict, UploadRefused, safe_filename
from tests.person import PASSWORD, Person
from tests.system import System

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGM8IWfDgA0wYRUdtBIA5+ABMmcf2iwAAAAA"
    "SUVORK5CYII="
)


async def signed_in(stack: AsyncExitStack, system: System, person: Person) -> Client:
    client = await stack.enter_async_context(Client(system.url))
    await client.log_in(person.username, password=PASSWORD)
    return client


@pytest.mark.timeout(300)
async def test_a_picture_and_a_document_from_one_client_to_another(
    system: System, tmp_path: Path
) -> None:
    people, conversation = await system.group(2)
    picture, notes = tmp_path / "tea.png", tmp_path / "notes.txt"
    picture.write_bytes(PNG)
    notes.write_text("<script>alert(1)</script>")
    async with AsyncExitStack() as stack:
        ada, grace = [await signed_in(stack, system, each) for each in people]
        sent = [await ada.uploads.upload(path, wait_seconds=90) for path in (picture, notes)]
        assert [upload.kind for upload in sent] == ["image", "file"]
        ids = [upload.id for upload in sent]
        await ada.send(conversation, "", attachments=ids)
        (message,) = await grace.history(conversation)
        assert [each.id for each in message.attachments] == ids
        for attachment, original in zip(message.attachments, (picture, notes), strict=True):
            to = tmp_path / f"saved-{safe_filename(attachment.filename)}"
            assert await grace.uploads.download(attachment, to) > 0
            if attachment.kind == "file":
                assert to.read_bytes() == original.read_bytes()
        with pytest.raises(Conflict):
            await ada.uploads.delete(ids[0])
        await ada.remove_member(conversation, people[1].id)
        (gone, _) = message.attachments
        assert await grace.uploads.urls([gone.id]) == ()


@pytest.mark.timeout(300)
async def test_what_is_no_picture_is_refused_with_its_reason(
    system: System, tmp_path: Path
) -> None:
    (ada,) = await system.people(1)
    path = tmp_path / "tea.png"
    path.write_text("no picture")
    async with AsyncExitStack() as stack:
        client = await signed_in(stack, system, ada)
        with pytest.raises(UploadRefused):
            await client.uploads.upload(path, wait_seconds=90)
        listed = (await client.uploads.own(limit=5)).items
        assert any(each.status == "refused" and each.reason for each in listed)


@pytest.mark.timeout(300)
async def test_an_avatar_and_an_emoji_are_loaded_without_a_session(
    system: System, tmp_path: Path
) -> None:
    ada, grace = await system.people(2)
    path, slug = tmp_path / "tea.png", f"tea-{uuid4().hex[:12]}"
    path.write_bytes(PNG)
    async with AsyncExitStack() as stack:
        client, other = [await signed_in(stack, system, each) for each in (ada, grace)]
        avatar = await client.uploads.upload(path, purpose="avatar", wait_seconds=90)
        await client.change_me(avatar=avatar.id)
        await client.forums.create(slug, name="Tea")
        emoji = await client.uploads.upload(path, purpose="emoji", wait_seconds=90)
        await client.forums.put_emoji(slug, "tea_pot", emoji.id)
        (listed,) = (await other.forums.emoji(slug)).items
        seen = (await other.user(ada.username)).avatar
        anybody = await stack.enter_async_context(httpx.AsyncClient())
        for picture, id in ((seen, avatar.id), (listed.picture, emoji.id)):
            assert picture is not None
            assert (picture.id, picture.url is not None) == (id, True)
            loaded = await anybody.get(str(picture.url))
            assert loaded.status_code == 200
            assert loaded.headers["content-type"].startswith("image/")
        assert (await client.remove_avatar()).avatar is None
