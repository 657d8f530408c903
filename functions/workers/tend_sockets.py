"""The socket queue: sockets that are no more, events that were held back"""

from cgraph.realtime.housekeeping import SocketWork, tend_sockets
from cgraph.worker import queue_handler

handler = queue_handler(tend_sockets, job=SocketWork, in_turn=True)
