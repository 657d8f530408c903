"""hello: the first frame"""

from cgraph import database, policies
from cgraph.realtime import actions
from cgraph.realtime.models import Connection, Greeting
from cgraph.sockets import Reply, frame_handler


async def hello(connection: Connection, greeting: Greeting) -> Reply:
    """Subscribes, and answers who one is and the heads of one's streams."""
    async with database.reading() as tx:
        answer = await actions.greet(tx, connection=connection, greeting=greeting)
    return {"type": "hello", "data": answer.model_dump(mode="json")}


handler = frame_handler(
    hello, data=Greeting, policy=policies.SIGNED_IN, duration="channel.join.duration"
)
