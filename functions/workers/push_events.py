"""The push queue: frames to sockets"""

from cgraph.realtime.push import PushJob, push_events
from cgraph.worker import queue_handler

handler = queue_handler(push_events, job=PushJob, in_turn=False)
