"""Which screen fits the standard input and output."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from cgraph_client.terminal.screens.plain_screen import PlainScreen
from cgraph_client.terminal.screens.screen import Screen


def new_screen() -> Screen:
    """A prompt on a terminal, where prompt_toolkit is installed; else plain lines."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if is_terminal and os.environ.get("TERM") != "dumb" and find_spec("prompt_toolkit"):
        # Imported here, because prompt_toolkit is optional and slow to import.
        from cgraph_client.terminal.screens.prompt_screen import PromptScreen

        return PromptScreen()
    return PlainScreen(sys.stdin, sys.stdout)
