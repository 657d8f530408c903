"""Structured logs: one JSON line each, with the correlation id. They never contain a token, a
password or the content of a message, post or comment.
"""

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


class _LateLogger:
    """The Logger of powertools, imported for the first line: most environments log none before they
    answer, and would wait for it.
    """

    def __init__(self) -> None:
        self._logger: Logger | None = None
        self._correlation_id: str | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loaded(), name)

    def loaded(self) -> "Logger":
        if self._logger is None:
            from aws_lambda_powertools import Logger

            self._logger = Logger(log_uncaught_exceptions=False)
            self._logger.set_correlation_id(self._correlation_id)
        return self._logger

    def set_correlation_id(self, value: str | None) -> None:
        self._correlation_id = value
        if self._logger is not None:
            self._logger.set_correlation_id(value)

    def get_correlation_id(self) -> str | None:
        return self._correlation_id


logger = cast("Logger", _LateLogger())
