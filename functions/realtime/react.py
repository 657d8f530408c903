"""react: PUT and DELETE /messages/{id}/reactions/{emoji} over the socket"""

from cgraph.chat import policies
from cgraph.chat.messages.reactions import actions
from cgraph.chat.messages.reactions.models import ReactionFrame
from cgraph.core import database
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, ack, frame_handler


async def react(connection: Connection, frame: ReactionFrame) -> Reply:
    """Add or remove a reaction

    Like `PUT` and `DELETE /messages/{id}/reactions/{emoji}`. The answer has the reactions to the
    message.
    """
    caller, id, emoji = connection.caller, frame.message_id, frame.emoji
    async with database.transaction() as tx:
        if frame.added:
            reactions = await actions.add_reaction(tx, caller=caller, id=id, emoji=emoji)
        else:
            reactions = await actions.remove_reaction(tx, caller=caller, id=id, emoji=emoji)
    return ack(data=reactions.model_dump(mode="json"))


handler = frame_handler(
    react, data=ReactionFrame, policy=policies.MEMBER, scope="messages:write", writes=True
)
