from __future__ import annotations

from tests.feature.uploads.files import begin, put
from tests.feature.world import Person


async def test_a_part_of_another_size_is_missing(ada: Person) -> None:
    begun = await begin(ada, b"a" * 500, "application/octet-stream", in_parts=True)

    put(begun["parts"][0]["url"], b"a" * 400)

    id = begun["upload"]["id"]
    assert (await ada.call("complete_upload", id=id)).refusal == (409, "parts_missing")
