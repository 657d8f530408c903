"""Events that readers see in their own way, read for who announces them: apart from the queries and
the models of sockets, which a function that announces nothing else would import.
"""

from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.events.models import Event
from cgraph.realtime.own_views.models import OwnViewRow


async def own_views(tx: Transaction, *, event: Event) -> list[OwnViewRow]:
    """The event as those see it who have a view of their own of its stream."""
    return await tx.fetch(
        OwnViewRow,
        """
        SELECT user_id, own_seq, own_payload
        FROM own_views(%(stream_id)s, %(seq)s, %(payload)s::jsonb)
        """,
        {"stream_id": event.stream.id, "seq": event.seq, "payload": encode_json(event.data)},
    )
