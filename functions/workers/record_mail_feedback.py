"""The mail feedback queue: what came back, and who complained"""

from cgraph.core.worker import queue_handler
from cgraph.mail.feedback import MailFeedback, record_mail_feedback

handler = queue_handler(record_mail_feedback, job=MailFeedback)
