"""For an operator: lists the log's consumers, rewinds one, or lets it try failed events again"""

from cgraph.core.worker import command_handler
from cgraph.system.consumer_watch import ConsumerCommand, manage_consumers

handler = command_handler(manage_consumers, command=ConsumerCommand)
