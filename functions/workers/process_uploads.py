"""The media queue: files that have come into the bucket, and files to remove"""

from cgraph.core.worker import queue_handler
from cgraph.media.jobs import MediaJob, process_uploads

handler = queue_handler(process_uploads, job=MediaJob)
