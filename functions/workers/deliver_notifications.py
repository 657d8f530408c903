"""The delivery queue: push messages and mails that are due, subscriptions that have ended"""

from cgraph.core.worker import batch_handler
from cgraph.notifications.delivery.actions import deliver_notifications
from cgraph.notifications.delivery.models import DeliveryJob

handler = batch_handler(deliver_notifications, job=DeliveryJob)
