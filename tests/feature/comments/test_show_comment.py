from __future__ import annotations

from cgraph.forums.comments.models import CommentInContext
from tests.feature.forum import new_thread
from tests.feature.world import Person


async def test_a_comment_is_shown_with_those_above_it(ada: Person) -> None:
    thread = await new_thread(ada)
    path = [await thread.comment(ada, "0")]
    for number in range(1, 4):
        path.append(await thread.comment(ada, f"{number}", parent_id=path[-1]["id"]))
    answer = await ada.call("show_comment", id=path[3]["id"])
    view = answer.body
    assert [above["body"] for above in view["ancestors"]] == ["0", "1", "2"]
    assert (view["depth"], view["parent_id"]) == (3, path[2]["id"])
    assert CommentInContext.model_validate(view).model_dump(mode="json") == view


async def test_the_author_and_moderators_read_a_removed_comment(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(grace, "Rude.")
    await ada.world.sql("UPDATE comments SET removed_at = now() WHERE id = %s", comment["id"])
    for reader, body in ((ada, "Rude."), (grace, "Rude."), (eve, "")):
        (view,) = (await thread.list_comments(reader))["items"]
        assert (view["body"], view["removed_at"] is not None) == (body, True)
