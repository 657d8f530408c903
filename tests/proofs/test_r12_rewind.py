"""A rewind of a consumer to the beginning of the log rebuilds an equal state."""

from __future__ import annotations

import pytest

from tests.conftest import Report
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.rewinding import states_around_a_rewind
from tests.system import LocalSystem

FORGETS_EDITS = Mutation(
    "layers/cgraph/cgraph/search/consumer.py",
    original="    async for read in changed_documents(tx, events, consumer=NAME):\n",
    replacement="    if len(events) > 20:\n        return\n"
    "    async for read in changed_documents(tx, events, consumer=NAME):\n",
)
"""What comes in large batches is passed over, as only a rewind makes them."""


async def search_states(system: LocalSystem) -> tuple[object, object]:
    await write(system)
    return await states_around_a_rewind(
        system,
        "search",
        read=lambda: system.query(
            "SELECT to_jsonb(d) - 'version' FROM search_documents d WHERE deleted_at IS NULL "
            "ORDER BY d.type, d.id"
        ),
        clear=lambda: system.query("DELETE FROM search_documents"),
    )


async def write(system: LocalSystem) -> None:
    """Messages, of which some are edited and some deleted."""
    (ada, _), conversation = await system.group(2)
    for number in range(30):
        message = (await ada.send_message(conversation, f"Espresso number {number}")).json()
        if number % 3 == 0:
            edited = {"content": "Tea", "version": message["version"]}
            await ada.request("PATCH", f"/messages/{message['id']}", body=edited)
        if number % 5 == 0:
            await ada.request("DELETE", f"/messages/{message['id']}")


async def test_a_rewind_of_search_rebuilds_an_equal_state(
    short_lived: Breakable, report: Report
) -> None:
    before, after = await search_states(short_lived.system)
    assert isinstance(before, list)
    report("R12, rewind of search", documents=len(before))
    assert len(before) >= 24
    assert after == before


async def test_the_proof_fails_where_a_rewind_passes_events_over(short_lived: Breakable) -> None:
    async with short_lived.broken(FORGETS_EDITS):
        before, after = await search_states(short_lived.system)
    with pytest.raises(AssertionError):
        assert after == before
