"""What every screen can do."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol, TextIO

from cgraph_client.terminal.formatting import Formatter


class Screen(Protocol):
    """`on_typing` is called with the text in the prompt, whenever it changes."""

    formatter: Formatter
    on_typing: Callable[[str], None]

    def show(self, line: str) -> None:
        """Adds a line."""

    def set_prompt(self, prompt: str) -> None:
        """Sets the title of the open conversation; empty where none is open."""

    def set_connection_status(self, status: str) -> None:
        """Sets the state of the connection; empty while it is fine."""

    def set_status_line(self, text: str) -> None:
        """Sets who is present, who is typing and who has seen the last message."""

    def ring(self) -> None:
        """Makes a noise, where a terminal can."""

    def prefill(self, line: str) -> None:
        """Offers a line for the next prompt, to be changed and entered."""

    def set_pending(self, contents: Sequence[str]) -> None:
        """Sets the messages that have not arrived yet, in order."""

    def lines(self) -> AsyncGenerator[str, None]:
        """Yields what the user enters, until the end of the input."""


def ignore_typing(_: str) -> None:
    """The `on_typing` of a screen until somebody sets another one."""


def new_formatter(target: TextIO) -> Formatter:
    """Uses colours on a terminal, unless NO_COLOR is set."""
    return Formatter(has_colours=target.isatty() and "NO_COLOR" not in os.environ)
