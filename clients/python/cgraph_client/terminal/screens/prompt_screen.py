"""A prompt at the bottom of a terminal, with the pending messages above it."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import AnyFormattedText
from prompt_toolkit.patch_stdout import patch_stdout

from cgraph_client.terminal.formatting import sanitize
from cgraph_client.terminal.screens.screen import ignore_typing, new_formatter


class PromptScreen:
    """Messages scroll above the pending ones and the prompt."""

    def __init__(self) -> None:
        self.formatter = new_formatter(sys.stdout)
        self.on_typing: Callable[[str], None] = ignore_typing
        self._session: PromptSession[str] = PromptSession(erase_when_done=True)
        self._session.default_buffer.on_text_changed += lambda buffer: self.on_typing(buffer.text)
        self._prompt = ""
        self._connection_status = ""
        self._status_line = ""
        self._prefilled = ""
        self._pending: Sequence[str] = ()

    def show(self, line: str) -> None:
        print(line, flush=True)

    def set_prompt(self, prompt: str) -> None:
        self._prompt = prompt
        self._session.app.invalidate()

    def set_connection_status(self, status: str) -> None:
        self._connection_status = status
        self._session.app.invalidate()

    def set_status_line(self, text: str) -> None:
        self._status_line = text
        self._session.app.invalidate()

    def ring(self) -> None:
        self._session.app.output.bell()

    def prefill(self, line: str) -> None:
        self._prefilled = line

    def set_pending(self, contents: Sequence[str]) -> None:
        self._pending = contents
        self._session.app.invalidate()

    async def lines(self) -> AsyncGenerator[str, None]:
        with patch_stdout(raw=True):
            while True:
                prefilled, self._prefilled = self._prefilled, ""
                try:
                    yield await self._session.prompt_async(
                        self._prompt_text,
                        default=prefilled,
                        bottom_toolbar=lambda: self._connection_status or self._status_line or None,
                    )
                except (EOFError, KeyboardInterrupt):
                    return

    def _prompt_text(self) -> AnyFormattedText:
        pending = [("fg:ansibrightblack", f"… {sanitize(line)}\n") for line in self._pending]
        return [*pending, ("bold", f"{self._prompt}> ")]
