"""Polls: users choose options of a post's poll."""

from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.forums.access import require_posting
from cgraph.forums.errors import InvalidChoices, PollClosed
from cgraph.forums.posts.access import access_post
from cgraph.forums.posts.actions import post_json
from cgraph.forums.posts.polls import queries
from cgraph.forums.posts.polls.models import PollChoices
from cgraph.forums.posts.rules import require_not_deleted

REFUSAL_DETAILS = {
    "no_poll": "The post has no poll",
    "single": "This poll allows one choice only",
    "unknown": "The poll does not have such an option",
}


async def choose_in_poll(tx: Transaction, *, caller: Caller, id: UUID, draft: PollChoices) -> str:
    """A Post, as JSON. Raises PostNotFound, NotAllowed, PostDeleted, PollClosed, InvalidChoices."""
    access = await access_post(tx, id=id, caller=caller)
    require_posting(access.forum)
    require_not_deleted(access.post)
    result = await queries.choose_in_poll(
        tx,
        id=id,
        voter=caller.id,
        choices=sorted(set(draft.choices)),
        shadowed=access.forum.shadowed,
        now=clock.now(),
    )
    if result.refusal == "closed":
        raise PollClosed
    if result.refusal is not None:
        raise InvalidChoices(REFUSAL_DETAILS[result.refusal])
    return await post_json(tx, access, caller=caller)
