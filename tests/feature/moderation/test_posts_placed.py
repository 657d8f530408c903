from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, start_forum
from tests.feature.world import Person, World


async def test_pins_and_locks_are_audited(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    for function in ("pin_post", "lock_post", "unpin_post", "unlock_post", "unlock_post"):
        assert (await grace.call(function, id=post)).status == 200
    entries = await forum.audit_log()
    assert [(entry["action"], entry["target"]["id"]) for entry in entries] == [
        ("pin_post", post),
        ("lock_post", post),
        ("unpin_post", post),
        ("unlock_post", post),
    ]


async def test_what_is_undecided_moves_with_the_post(
    forum: ModeratedForum, world: World, ada: Person, grace: Person, eve: Person
) -> None:
    other = await start_forum(grace, await world.new_person(), eve, visibility="private")
    post = await forum.post(eve)
    comment, removed = [await forum.comment(eve, under=post) for _ in range(2)]
    for kind, id in (("post", post), ("comment", comment)):
        assert (await forum.report(ada, id, kind=kind)).status == 201
    await ada.call("remove_comment", id=removed)
    against = {"against": {"kind": "comment", "id": removed}, "content": "Please"}
    assert (await eve.call("make_appeal", against)).status == 201

    moved = await grace.call("move_post", {"forum": other.slug}, id=post)
    assert moved.status == 200
    assert await forum.cases() == []
    cases = (await other.call(grace, "list_forum_reports")).body["items"]
    assert [case["target"]["id"] for case in cases] == [post, comment]
    (appeal,) = (await other.call(grace, "list_appeals")).body["items"]
    assert appeal["forum"]["slug"] == other.slug
    body = {"decision": "accept"}
    refused = await ada.call("resolve_appeal", body, id=appeal["id"])
    assert refused.refusal == (404, "appeal_not_found")
    resolved = {"action": "dismiss"}
    for case in cases:
        gone = await ada.call("resolve_report", resolved, id=case["id"])
        assert gone.refusal == (404, "report_not_found")
        answer = await grace.call("resolve_report", resolved, id=case["id"])
        assert answer.status == 200
    assert (await forum.audit_log())[-1]["detail"] == {"from": forum.slug, "to": None}
    assert (await other.audit_log())[0]["detail"] == {"from": forum.slug, "to": other.slug}
    assert await forum.audit_faults() == await other.audit_faults() == []
