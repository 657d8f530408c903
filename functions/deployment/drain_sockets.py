"""For an operator: asks the clients of all sockets to reconnect, spread over time"""

from cgraph.core.worker import command_handler
from cgraph.realtime.drain import DrainRequest, drain_sockets

handler = command_handler(drain_sockets, command=DrainRequest)
