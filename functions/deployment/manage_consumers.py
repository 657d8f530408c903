"""For an operator: lists the log's consumers, rewinds one, or lets it try failed events again"""

from cgraph.core.worker import command_handler
from cgraph.system.consumers.actions import manage_consumers
from cgraph.system.consumers.models import ConsumerCommand

handler = command_handler(manage_consumers, command=ConsumerCommand)
