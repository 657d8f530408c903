"""For an operator: runs one statement that changes a known number of rows"""

from cgraph.core.worker import command_handler
from cgraph.system.inspection import Repair, repair_database

handler = command_handler(repair_database, command=Repair)
