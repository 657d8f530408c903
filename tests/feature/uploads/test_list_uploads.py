from __future__ import annotations

from tests.feature.uploads.files import begin
from tests.feature.world import Person


async def test_a_list_of_uploads_has_pages(ada: Person) -> None:
    ids = [(await begin(ada, b"x", "text/plain"))["upload"]["id"] for _ in range(5)]
    first = (await ada.call("list_uploads", query="limit=3")).body
    second = (await ada.call("list_uploads", query=f"limit=3&cursor={first['next']}")).body

    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
