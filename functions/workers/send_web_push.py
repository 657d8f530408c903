"""The Web Push queue: gives messages to the push services of browsers"""

from cgraph.core.worker import queue_handler
from cgraph.notifications.delivery.web_push.messages import WebPushJob
from cgraph.notifications.delivery.web_push.sending import send_web_push

handler = queue_handler(send_web_push, job=WebPushJob)
