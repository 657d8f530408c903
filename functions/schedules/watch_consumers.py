"""Each minute: publishes how far the consumers of the log are behind, and nudges them"""

from cgraph.core.worker import schedule_handler
from cgraph.system.consumers.watching import watch_consumers

handler = schedule_handler(watch_consumers)
