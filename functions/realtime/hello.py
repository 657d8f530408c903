"""hello: the first frame"""

from cgraph.core import database, policies
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, frame_handler
from cgraph.sync import actions
from cgraph.sync.models import HelloRequest


async def hello(connection: Connection, greeting: HelloRequest) -> Reply:
    """Subscribes, and answers who one is and the heads of one's streams."""
    async with database.reading() as tx:
        answer = await actions.hello(tx, connection=connection, greeting=greeting)
    return {"type": "hello", "data": answer.model_dump(mode="json")}


handler = frame_handler(
    hello, data=HelloRequest, policy=policies.SIGNED_IN, duration="channel.join.duration"
)
