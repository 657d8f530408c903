"""The media queue: files that have come into the bucket, and files to remove"""

from cgraph.core.worker import leased_queue_handler
from cgraph.media.jobs import MediaJob, process_uploads

handler = leased_queue_handler(process_uploads, job=MediaJob)
