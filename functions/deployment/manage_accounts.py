"""For an operator: helps with accounts, and records it in the audit log of accounts"""

from cgraph.accounts.operations.actions import manage_accounts
from cgraph.accounts.operations.models import AccountCommand
from cgraph.core.worker import command_handler

handler = command_handler(manage_accounts, command=AccountCommand)
