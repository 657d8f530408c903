from __future__ import annotations

from typing import Any

import pytest

from cgraph.forums.filters.models import Filters
from tests.feature.moderated_forum import ModeratedForum
from tests.feature.world import Answer, Person

RULES: dict[str, Any] = {
    "words": ["Casino", "viagr*", "straße"],
    "domains": ["Spam.example", "bücher.example"],
}


async def post(person: Person, forum: ModeratedForum, title: str, body: str = "") -> Answer:
    draft = {"title": title, "body": body}
    return await person.call("create_post", draft, slug=forum.slug)


async def test_kept_as_they_are_searched(forum: ModeratedForum, grace: Person, eve: Person) -> None:
    empty = (await forum.call(grace, "show_filters")).body
    assert empty == {"words": [], "domains": [], "action": "report", "updated_at": None}
    body = {"words": ["\uff23asino", "casino", "VIAGR*"], "domains": ["WWW.Spam.Example."]}
    kept = (await forum.call(grace, "change_filters", body)).body
    assert (kept["words"], kept["domains"]) == (["casino", "viagr*"], ["www.spam.example"])
    assert Filters.model_validate(kept).model_dump(mode="json") == kept
    assert (await forum.call(grace, "show_filters")).body == kept
    for call, more in (("show_filters", None), ("change_filters", body)):
        assert (await forum.call(eve, call, more)).refusal == (403, "not_allowed")


async def test_refused(forum: ModeratedForum, grace: Person, eve: Person) -> None:
    await forum.call(grace, "change_filters", {**RULES, "action": "reject"})
    for title, body in (
        ("The CASINO opens", ""),
        ("A title", "all the vi\u200bagra you like"),
        ("A title", "\uff23\uff21\uff33\uff29\uff2e\uff2f"),
        ("A title", "in the STRASSE"),
        ("A title", "see https://user@www.spam.example:80/x"),
        ("A title", "[here](//SPAM\u3002example)"),
        ("A title", "http://xn--bcher-kva.example"),
        ("A title", "http://BÜCHER.example/"),
    ):
        refused = await post(eve, forum, title, body)
        assert refused.refusal == (422, "filtered"), (title, body)
        assert "asino" not in str(refused.body)
    assert (await post(eve, forum, "casinos via notspam.example, spam.example.org")).status == 201
    made = (await post(grace, forum, "The casino, for moderators")).body
    answer = await eve.call("create_comment", {"body": "casino!"}, id=made["id"])
    assert answer.refusal == (422, "filtered")
    mine = (await post(eve, forum, "Fine")).body
    edit = {"version": 1, "body": "casino"}
    assert (await eve.call("edit_post", edit, id=mine["id"])).refusal == (422, "filtered")


async def test_reported(forum: ModeratedForum, grace: Person, eve: Person) -> None:
    await forum.call(grace, "change_filters", RULES)
    made = (await post(eve, forum, "Casino")).body
    comment = await eve.call("create_comment", {"body": "casino!"}, id=made["id"])
    assert comment.status == 201
    edited = {"version": 1, "body": "viagra"}
    assert (await eve.call("edit_post", edited, id=made["id"])).status == 200
    cases = await forum.cases()
    assert [case["target"]["id"] for case in cases] == [made["id"], comment.body["id"]]
    assert [case["reasons"] for case in cases] == [{"filter": 1}] * 2
    body = {"action": "dismiss"}
    answer = await grace.call("resolve_report", body, id=cases[0]["id"])
    assert answer.body["state"] == "resolved"


@pytest.mark.parametrize(
    "body",
    (
        {"words": ["two words"]},
        {"words": ["*"]},
        {"words": ["a*b"]},
        {"words": ["(a+)+$"]},
        {"words": ["x" * 61]},
        {"words": ["a\0b"]},
        {"words": [f"word{number}" for number in range(501)]},
        {"domains": ["localhost"]},
        {"domains": ["https://spam.example"]},
        {"domains": ["a..b"]},
        {"domains": ["\u00ad\u00ad\u00ad"]},
        {"action": "burn"},
    ),
)
async def test_bad_filters(forum: ModeratedForum, grace: Person, body: object) -> None:
    answer = await forum.call(grace, "change_filters", body)
    assert answer.refusal == (422, "validation_failed")
