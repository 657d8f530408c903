"""R16: for every type of event, an old snapshot and the events since are a fresh snapshot: for each
of three people, told over a socket or asked for by `POST /sync`."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from cgraph_local.api_documents.frames import CONVERSATION_EVENTS
from tests.conftest import Report
from tests.proofs.changes import CASES, Scene
from tests.proofs.views import View, until_same
from tests.reader import new_client
from tests.system import System


async def test_an_old_snapshot_and_the_events_since_are_a_fresh_one(
    system: System, report: Report
) -> None:
    assert CASES.keys() == CONVERSATION_EVENTS.keys(), (
        "each type of event that a client mirrors has a case here"
    )
    views = 0
    async with AsyncExitStack() as open_now:
        scene = await new_scene(system, open_now)
        for event in CASES:
            compared = await compare(scene, event)
            assert any(event in view.told for view in compared), f"{event} was not told"
            views += len(compared)
    report("R16 event = state", types=len(CASES), people=len(scene.people), views=views)


async def new_scene(system: System, open_now: AsyncExitStack) -> Scene:
    """Three people of its own: what is theirs changes, and there is not more of it than is looked
    at each time."""
    people = [await system.new_person(name) for name in ("owner", "admin", "member")]
    clients = [await open_now.enter_async_context(new_client(system, person)) for person in people]
    owner, admin, member = clients
    group = await people[0].start(*people[1:])
    scene = Scene(owner, admin, member, {each: await each.me() for each in clients}, group)
    await scene.seat_all()
    return scene


async def compare(scene: Scene, event: str) -> list[View]:
    """All that were told what happened, each of them seen to show what a fresh one shows."""
    case = CASES[event](scene)
    await anext(case)
    synced = await asyncio.gather(*(View.fresh(client) for client in scene.people))
    pushed = [view.copy() for view in synced]
    async with AsyncExitStack() as open_now:
        for view in pushed:
            await open_now.enter_async_context(view.listening())
        assert await anext(case, "over") == "over"
        try:
            await asyncio.gather(*map(until_same, pushed, synced))
        except AssertionError as error:
            raise AssertionError(f"{event}: {error}") from None
    return [*pushed, *synced]
