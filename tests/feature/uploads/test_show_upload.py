from __future__ import annotations

from tests.feature.uploaded import uploaded
from tests.feature.uploads.files import begin
from tests.feature.world import Person, World


async def test_nobody_else_sees_a_pending_upload(ada: Person, eve: Person) -> None:
    upload = (await begin(ada, b"x", "text/plain"))["upload"]

    for function in ("show_upload", "delete_upload", "list_parts", "complete_upload"):
        assert (await eve.call(function, id=upload["id"])).refusal == (404, "upload_not_found")
    assert (await eve.call("list_uploads")).body["items"] == []


async def test_the_owner_gets_the_urls_of_a_ready_file(world: World, ada: Person) -> None:
    id = await uploaded(world, ada)

    shown = (await ada.call("show_upload", id=id)).body
    assert shown["status"] == "ready"
    assert f"/media/{id}/" in shown["url"] and "Signature=" in shown["url"]
    listed = (await ada.call("list_uploads")).body["items"][0]
    assert (listed["id"], listed["url"]) == (id, shown["url"])
