"""The push queue: posts frames to sockets"""

from cgraph.core.worker import batch_handler
from cgraph.realtime.push import PushJob, push_events

handler = batch_handler(push_events, job=PushJob)
