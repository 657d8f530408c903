"""react: PUT and DELETE /messages/{id}/reactions/{emoji} over the socket"""

from cgraph import database, policies
from cgraph.reactions import actions
from cgraph.reactions.models import ReactionFrame
from cgraph.realtime.models import Connection
from cgraph.sockets import Reply, ack, frame_handler


async def react(connection: Connection, asked: ReactionFrame) -> Reply:
    """The ack has the counts, and one's own."""
    change = actions.add_reaction if asked.added else actions.remove_reaction
    async with database.transaction() as tx:
        reactions = await change(
            tx, caller=connection.caller, id=asked.message_id, emoji=asked.emoji
        )
    return ack(data=reactions.model_dump(mode="json"))


handler = frame_handler(react, data=ReactionFrame, policy=policies.MEMBER, writes=True)
