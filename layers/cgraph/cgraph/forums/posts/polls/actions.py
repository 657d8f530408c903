"""Polls: what people choose."""

from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.access import require_posting
from cgraph.forums.errors import InvalidChoices, PollClosed
from cgraph.forums.posts.actions import access_post, as_shown
from cgraph.forums.posts.polls import queries
from cgraph.forums.posts.polls.models import Choices
from cgraph.forums.posts.rules import require_there

WHY_NOT = {
    "no_poll": "The post has no poll",
    "single": "In this poll one chooses one option",
    "unknown": "The poll does not have such an option",
}


async def choose_in_poll(tx: Transaction, *, caller: Caller, id: UUID, given: Choices) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostDeleted, PollClosed, InvalidChoices."""
    found = await access_post(tx, id=id, caller=caller)
    require_posting(found.place)
    require_there(found.post)
    chosen = await queries.choose(
        tx,
        id=id,
        voter=caller.id,
        choices=sorted(set(given.choices)),
        shadowed=found.place.shadowed,
        now=clock.now(),
    )
    if chosen.refusal == "closed":
        raise PollClosed
    if chosen.refusal is not None:
        raise InvalidChoices(WHY_NOT[chosen.refusal])
    return await as_shown(tx, found, caller=caller)
