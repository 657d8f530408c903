"""The flush queue: events of busy streams, which waited for a moment to go together"""

from cgraph.core.worker import batch_handler
from cgraph.realtime.event_flush import FlushEventsJob, flush_events

handler = batch_handler(flush_events, job=FlushEventsJob)
