"""The socket queue: sockets that are gone, buffers of ephemeral events to flush"""

from cgraph.core.worker import queue_handler
from cgraph.system.socket_maintenance import SocketJob, maintain_sockets

handler = queue_handler(maintain_sockets, job=SocketJob)
