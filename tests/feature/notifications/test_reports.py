"""Who reported something hears what becomes of it, and of nobody's name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.feature.moderated_forum import ModeratedForum, resolve_report, start_forum
from tests.feature.notifications.inbox import kinds, notifications
from tests.feature.world import Person, World


@pytest.fixture
async def forum(ada: Person, grace: Person, eve: Person) -> ModeratedForum:
    return await start_forum(ada, grace, eve)


@pytest.fixture
async def case(forum: ModeratedForum, eve: Person) -> Any:
    """About a post of eve's, with one report."""
    return await forum.new_case(eve, reason="harassment")


@pytest.fixture
async def reporter(world: World, forum: ModeratedForum, case: Any) -> Person:
    """Another one, of the same post."""
    person = await world.new_person("reporter")
    target = case["target"]
    body = {"target": {"kind": target["kind"], "id": target["id"]}, "reason": "spam"}
    answer = await person.call("file_report", body)
    assert answer.status in (200, 201, 204), answer
    return person


async def test_reporters_hear_that_a_moderator_looks_at_it_and_decides(
    case: Any, reporter: Person, ada: Person
) -> None:
    assert (await ada.call("claim_report", id=case["id"])).status == 200
    assert await kinds(reporter) == [("report_claimed", 1)]
    assert (await ada.call("claim_report", id=case["id"])).status == 200
    assert await kinds(reporter) == [("report_claimed", 1)], "once"
    assert (await resolve_report(ada, case, "dismiss")).status == 200
    resolved, claimed = await notifications(reporter)
    assert (resolved["kind"], claimed["kind"]) == ("report_resolved", "report_claimed")
    assert resolved["target"] == {"kind": case["target"]["kind"], "id": case["target"]["id"]}
    assert resolved["place"]["id"] == case["forum"]["id"] and not resolved["rings"]


async def test_nobody_learns_who_reported_or_judged(
    world: World, case: Any, reporter: Person, ada: Person, eve: Person
) -> None:
    assert (await ada.call("claim_report", id=case["id"])).status == 200
    assert await kinds(reporter) == [("report_claimed", 1)]
    assert (await resolve_report(ada, case, "remove")).status == 200
    told = await notifications(reporter)
    assert [each["actors"] for each in told] == [[], []]
    assert [each["excerpt"] for each in told] == [None, None], "it was removed"
    text = json.dumps([await notifications(eve), told])
    assert ada.id not in text and ada.username not in text
    assert reporter.id not in json.dumps(await notifications(eve))
    logged = await world.sql("SELECT payload FROM events WHERE stream_id = %s", case["id"])
    assert len(logged) == 2
    assert not {ada.id, reporter.id} & set(json.dumps(logged).split('"'))


@pytest.mark.parametrize("function", ["remove_post", "ban_user"])
async def test_a_decision_without_the_queue_is_one_too(
    forum: ModeratedForum, case: Any, reporter: Person, ada: Person, eve: Person, function: str
) -> None:
    if function == "remove_post":
        answer = await ada.call("remove_post", {"reason": "Spam"}, id=case["target"]["id"])
    else:
        answer = await resolve_report(ada, case, "ban")
    assert answer.status < 300, answer
    assert ("report_resolved", 1) in await kinds(reporter)


async def test_who_may_not_read_the_forum_any_more_hears_nothing(
    forum: ModeratedForum, case: Any, reporter: Person, ada: Person
) -> None:
    assert (await ada.call("claim_report", id=case["id"])).status == 200
    assert await kinds(reporter) == [("report_claimed", 1)]
    changed = await ada.call("change_forum", {"visibility": "private"}, slug=forum.slug)
    assert changed.status == 200, changed
    assert await kinds(reporter) == []
    assert (await resolve_report(ada, case, "dismiss")).status == 200
    assert await kinds(reporter) == []


async def test_who_does_not_want_it_gets_none(case: Any, reporter: Person, ada: Person) -> None:
    silenced = {"silenced": ["report_claimed", "report_resolved"]}
    assert (await reporter.call("set_preferences", silenced)).status == 200
    assert (await ada.call("claim_report", id=case["id"])).status == 200
    assert await kinds(reporter) == []
