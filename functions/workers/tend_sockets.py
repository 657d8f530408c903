"""The socket queue: sockets that are no more, events that were held back"""

from cgraph.core.worker import queue_handler
from cgraph.system.socket_maintenance import SocketWork, tend_sockets

handler = queue_handler(tend_sockets, job=SocketWork, in_turn=True)
