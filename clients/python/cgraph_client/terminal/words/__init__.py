"""What is typed: a message, or a word that begins with a slash."""

from cgraph_client.terminal.words.words import Words

__all__ = ["Words"]
