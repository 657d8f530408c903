"""For an operator: runs one statement that only reads, and returns its rows"""

from cgraph.core.worker import command_handler
from cgraph.system.inspection import Inspection, inspect_database

handler = command_handler(inspect_database, command=Inspection)
