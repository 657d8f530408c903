"""By hand: every socket's client opens another one, spread so that all find room"""

from cgraph.core.worker import order_handler
from cgraph.realtime.drain import Move, move_sockets

handler = order_handler(move_sockets, order=Move)
