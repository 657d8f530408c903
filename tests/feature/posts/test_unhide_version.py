from __future__ import annotations

from tests.feature.forum import new_moderated_forum
from tests.feature.posts.test_hide_version import NUMBER, edited_post
from tests.feature.world import Person


async def test_the_author_reads_a_version_that_is_no_longer_hidden(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    post = await edited_post(forum, eve)
    await ada.call("hide_version", id=post, **NUMBER)
    assert (await eve.call("unhide_version", id=post, **NUMBER)).refusal == (403, "not_allowed")
    shown = await grace.call("unhide_version", id=post, **NUMBER)
    assert (shown.status, shown.body["hidden_at"]) == (200, None)
    (version,) = (await eve.call("list_versions", id=post)).body["items"]
    assert version["title"] == "Secret"
    again = await grace.call("unhide_version", id=post, **NUMBER)
    assert again.refusal == (409, "not_hidden")
    actions = [entry["action"] for entry in await forum.audit_log()]
    assert actions == ["hide_version", "unhide_version"]
