"""The push queue: posts frames to sockets"""

from cgraph.core.worker import queue_handler
from cgraph.realtime.push import PushJob, push_events

handler = queue_handler(push_events, job=PushJob, sequential=False)
