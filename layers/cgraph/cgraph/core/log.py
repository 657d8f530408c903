"""Structured logs: one JSON line each, with the correlation id. They never contain a token, a
password or the content of a message, post or comment.
"""

from aws_lambda_powertools import Logger

logger = Logger(log_uncaught_exceptions=False)
