from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.feature.moderated_forum import ModeratedForum
from tests.feature.world import Person, World


async def test_a_released_report_is_open_again_and_only_its_claimant_can_release_it(
    forum: ModeratedForum, ada: Person, grace: Person, case: Any
) -> None:
    await ada.call("claim_report", id=case["id"])
    theirs = await grace.call("release_report", id=case["id"])
    assert theirs.refusal == (409, "not_claimed")
    refused = await grace.call("claim_report", id=case["id"])
    assert refused.refusal == (409, "report_claimed")
    assert (await ada.call("release_report", id=case["id"])).status == 204
    again = await ada.call("release_report", id=case["id"])
    assert again.refusal == (409, "not_claimed")
    assert [each["state"] for each in await forum.cases()] == ["open"]
    assert (await grace.call("claim_report", id=case["id"])).status == 200


async def test_only_moderators_release_reports(
    world: World, grace: Person, eve: Person, case: Any
) -> None:
    for person in (eve, await world.new_person()):
        refused = await person.call("release_report", id=case["id"])
        assert refused.refusal == (403, "not_allowed")
    missing = await grace.call("release_report", id=str(uuid4()))
    assert missing.refusal == (404, "report_not_found")
