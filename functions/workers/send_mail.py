"""The mail queue: gives mails to SES"""

from cgraph.core.worker import queue_handler
from cgraph.mail.models import MailJob
from cgraph.mail.sending import send_mail

handler = queue_handler(send_mail, job=MailJob)
