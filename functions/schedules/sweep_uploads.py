"""Hourly: removes uploads that never came, that nothing uses, and what was deleted"""

from cgraph.core.worker import schedule_handler
from cgraph.media.removal.actions import sweep_uploads

handler = schedule_handler(sweep_uploads)
