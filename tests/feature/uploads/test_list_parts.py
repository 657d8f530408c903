"""Large files in parts, and how they are resumed."""

from __future__ import annotations

import random
from typing import Any

from tests.feature.uploads.files import begin, process, put, stored
from tests.feature.world import Person

PART = 16 * 1024 * 1024


async def test_a_file_in_parts_goes_on_where_it_stopped(ada: Person, s3: Any) -> None:
    content = random.Random(4).randbytes(PART + 1000)
    begun = await begin(ada, content, "application/octet-stream", in_parts=True)
    id, parts = begun["upload"]["id"], begun["parts"]
    assert (begun["url"], begun["fields"]) == (None, None)
    assert [(part["number"], part["size"]) for part in parts] == [(1, PART), (2, 1000)]

    assert (await ada.call("complete_upload", id=id)).refusal == (409, "parts_missing")
    assert put(parts[1]["url"], content[PART:]) == 200
    assert (await ada.call("complete_upload", id=id)).refusal == (409, "parts_missing")

    again = (await ada.call("list_parts", id=id)).body["parts"]
    assert [part["url"] is None for part in again] == [False, True]
    assert put(again[0]["url"], content[:PART]) == 200
    assert (await ada.call("complete_upload", id=id)).status == 200

    assert (await ada.call("complete_upload", id=id)).refusal == (409, "upload_not_pending")
    assert (await ada.call("list_parts", id=id)).refusal == (409, "upload_not_pending")
    ready = await process(ada, id)
    assert (ready["status"], ready["kind"], ready["size"]) == ("ready", "file", len(content))
    assert stored(s3, id) == {"original.bin": content}


async def test_an_upload_with_a_form_has_no_parts(ada: Person) -> None:
    id = (await begin(ada, b"a", "application/octet-stream"))["upload"]["id"]

    assert (await ada.call("list_parts", id=id)).refusal == (409, "upload_not_pending")
