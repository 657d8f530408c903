from __future__ import annotations

from typing import Any

import pytest

from tests.feature.forum import Forum
from tests.feature.world import Person

FILTERS: dict[str, Any] = {
    "words": ["Casino", "viagr*", "straße"],
    "domains": ["Spam.example", "bücher.example"],
}


async def test_a_text_that_a_rejecting_filter_matches_is_refused(
    forum: Forum, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "change_filters", {**FILTERS, "action": "reject"})
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
        refused = await forum.try_post(eve, title=title, body=body)
        assert refused.refusal == (422, "filtered"), (title, body)
        assert "asino" not in str(refused.body)
    for draft in (
        {"body": "all the **via**gra you like"},
        {"body": "[here](http://spam&period;example/)"},
        {"body": "[here](http://a%40spam%2Eexample:80/)"},
        {"kind": "link", "url": "http://user@SPAM.example.:80/"},
        {"kind": "poll", "poll": {"options": ["Tea", "The casino"]}},
        {"kind": "poll", "poll": {"options": ["Tea", "www.spam.example"]}},
        {"tags": ["casino"]},
    ):
        refused = await forum.try_post(eve, title="A title", **draft)
        assert refused.refusal == (422, "filtered"), draft
    harmless = "casinos via notspam.example, spam.example.org"
    assert (await forum.try_post(eve, title=harmless)).status == 201
    post = await forum.post(grace, title="The casino, for moderators")
    answer = await eve.call("create_comment", {"body": "casino!"}, id=post["id"])
    assert answer.refusal == (422, "filtered")
    mine = await forum.post(eve, title="Fine")
    edit = {"version": 1, "body": "casino"}
    assert (await eve.call("edit_post", edit, id=mine["id"])).refusal == (422, "filtered")


async def test_a_text_that_a_reporting_filter_matches_is_reported(
    forum: Forum, grace: Person, eve: Person
) -> None:
    await forum.call(grace, "change_filters", FILTERS)
    post = await forum.post(eve, title="Casino")
    comment = await eve.call("create_comment", {"body": "casino!"}, id=post["id"])
    assert comment.status == 201
    edited = {"version": 1, "body": "viagra"}
    assert (await eve.call("edit_post", edited, id=post["id"])).status == 200
    cases = (await forum.call(grace, "list_forum_reports", query="state=open")).body["items"]
    assert [case["target"]["id"] for case in cases] == [post["id"], comment.body["id"]]
    assert [case["reasons"] for case in cases] == [{"filter": 1}] * 2
    body = {"action": "dismiss"}
    answer = await grace.call("resolve_report", body, id=cases[0]["id"])
    assert answer.body["state"] == "resolved"


async def test_only_moderators_change_filters(forum: Forum, eve: Person) -> None:
    refused = await forum.call(eve, "change_filters", {"words": ["casino"]})
    assert refused.refusal == (403, "not_allowed")


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
async def test_invalid_filters_are_refused(forum: Forum, grace: Person, body: object) -> None:
    answer = await forum.call(grace, "change_filters", body)
    assert answer.refusal == (422, "validation_failed")
