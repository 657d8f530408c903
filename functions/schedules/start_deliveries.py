"""Each minute: push messages and mails that are due"""

from cgraph.core.worker import schedule_handler
from cgraph.notifications.delivery.actions import start_deliveries

handler = schedule_handler(start_deliveries)
