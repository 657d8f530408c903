"""The notification queue: consumer `notifications`, and what it has for many followers"""

from cgraph.core.worker import batch_handler
from cgraph.events.nudges import Nudge
from cgraph.notifications.consumer import follow_log as make_notifications

handler = batch_handler(make_notifications, job=Nudge)
