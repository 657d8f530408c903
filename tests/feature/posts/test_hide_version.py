from __future__ import annotations

from cgraph.forums.posts.models import PostVersion
from tests.feature.forum import Forum, new_moderated_forum
from tests.feature.world import Person

NUMBER = {"version": "1"}


async def test_only_moderators_read_the_text_of_a_hidden_version(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    post = await edited_post(forum, eve)
    for _ in range(2):
        hidden = await grace.call("hide_version", id=post, **NUMBER)
        assert PostVersion.model_validate(hidden.body).model_dump(mode="json") == hidden.body
        assert (hidden.body["title"], hidden.body["hidden_at"] is None) == ("Secret", False)
    for person, title in ((grace, "Secret"), (eve, "")):
        (version,) = (await person.call("list_versions", id=post)).body["items"]
        assert (version["title"], version["hidden_at"]) == (title, hidden.body["hidden_at"])
    assert [entry["action"] for entry in await forum.audit_log()] == ["hide_version"]
    assert await forum.audit_faults() == []


async def test_who_may_hide_which_version(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    post = await edited_post(forum, eve)
    refused = await eve.call("hide_version", id=post, **NUMBER)
    assert refused.refusal == (403, "not_allowed")
    current = await grace.call("hide_version", id=post, version="2")
    assert current.refusal == (404, "version_not_found")
    for author, code in ((grace, "own_case"), (ada, "higher_rank")):
        other = await edited_post(forum, author)
        refused = await grace.call("hide_version", id=other, **NUMBER)
        assert refused.refusal == (403, code)
    bad = await grace.call("hide_version", id=post, version="0")
    assert bad.refusal == (422, "validation_failed")


async def edited_post(forum: Forum, author: Person) -> str:
    post = await forum.post(author, title="Secret")
    assert (await forum.edit_post(author, post, title="Harmless")).status == 200
    return str(post["id"])
