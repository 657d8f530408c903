"""The log queue: the log has grown, and its consumers go on"""

from cgraph.core.worker import batch_handler
from cgraph.events.nudges import LogHasGrown, nudge_consumers

handler = batch_handler(nudge_consumers, job=LogHasGrown)
