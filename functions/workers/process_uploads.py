"""The media queue: files that have come into the bucket, and files to remove"""

from cgraph.core.worker import queue_handler
from cgraph.media.jobs import MediaJob, work_on

handler = queue_handler(work_on, job=MediaJob)
