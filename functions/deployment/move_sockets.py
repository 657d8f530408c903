"""By hand: every socket's client opens another one, spread so that all find room"""

from cgraph.realtime.moving import Move, move_sockets
from cgraph.worker import order_handler

handler = order_handler(move_sockets, order=Move)
