"""The gone queue: sockets that are no more"""

from cgraph.realtime.housekeeping import GoneConnections, forget_connections
from cgraph.worker import queue_handler

handler = queue_handler(forget_connections, job=GoneConnections)
