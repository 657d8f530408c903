"""Structured logs: one JSON line each, with the correlation id. Never a token, a password or what
people wrote.
"""

from aws_lambda_powertools import Logger

logger = Logger(log_uncaught_exceptions=False)
