from __future__ import annotations

from cgraph.forums.filters.models import ForumFilters
from tests.feature.forum import Forum
from tests.feature.world import Person


async def test_only_moderators_see_filters_as_they_are_searched_for(
    forum: Forum, grace: Person, eve: Person
) -> None:
    empty = (await forum.call(grace, "show_filters")).body
    assert empty == {"words": [], "domains": [], "action": "report", "updated_at": None}
    body = {"words": ["\uff23asino", "casino", "VIAGR*"], "domains": ["WWW.Spam.Example."]}
    kept = (await forum.call(grace, "change_filters", body)).body
    assert (kept["words"], kept["domains"]) == (["casino", "viagr*"], ["www.spam.example"])
    assert ForumFilters.model_validate(kept).model_dump(mode="json") == kept
    assert (await forum.call(grace, "show_filters")).body == kept
    assert (await forum.call(eve, "show_filters")).refusal == (403, "not_allowed")
