from __future__ import annotations

from tests.feature.uploads.files import begin
from tests.feature.world import Person


async def test_nobody_else_sees_a_pending_upload(ada: Person, eve: Person) -> None:
    upload = (await begin(ada, b"x", "text/plain"))["upload"]

    for function in ("show_upload", "delete_upload", "list_parts", "complete_upload"):
        assert (await eve.call(function, id=upload["id"])).refusal == (404, "upload_not_found")
    assert (await eve.call("list_uploads")).body["items"] == []
