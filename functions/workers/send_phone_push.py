"""The queue of push messages to phones: gives them to Apple's and Google's services"""

from cgraph.core.worker import queue_handler
from cgraph.notifications.delivery.phones.messages import PhonePushJob
from cgraph.notifications.delivery.phones.sending import send_phone_push

handler = queue_handler(send_phone_push, job=PhonePushJob)
