"""`cgraph chat`: conversations in a terminal, or in a pipe."""

from cgraph_client.terminal.chat import chat

__all__ = ["chat"]
