"""hello: the first frame of a socket"""

from cgraph.core import database, policies
from cgraph.realtime.models import Connection
from cgraph.realtime.sockets import Reply, frame_handler
from cgraph.sync import actions
from cgraph.sync.models import HelloRequest


async def hello(connection: Connection, greeting: HelloRequest) -> Reply:
    """Begin to receive the events of the caller's streams

    Must be the first frame of a socket. From then on the server pushes the events of all streams
    that the caller follows. `data.cursors` is optional: the server pushes what each of these
    streams had after its cursor, and then `caught_up`. The answer has the caller's profile, the
    settings of the connection, and the heads of the caller's own stream and their most recently
    active conversations.
    """
    async with database.reading() as tx:
        answer = await actions.hello(tx, connection=connection, greeting=greeting)
    return {"type": "hello", "data": answer.model_dump(mode="json")}


handler = frame_handler(
    hello,
    data=HelloRequest,
    policy=policies.READER,
    duration="channel.join.duration",
    shows_heads=True,
)
