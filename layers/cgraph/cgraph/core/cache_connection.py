"""The connection to Valkey. It is redis-py's, without the client above it, whose pool, event loop
and Python packer cost more than the round trip.

A round trip is a call that does not give way to others, so concurrent ones need no lock.
"""

from collections.abc import Sequence
from typing import Any

from hiredis import pack_command
from redis.connection import Connection, SSLConnection
from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError, TimeoutError

from cgraph.core import iam
from cgraph.core.credentials import CredentialsUnavailable
from cgraph.core.settings import Settings, local_cache_password, settings

Command = tuple[str | bytes | int, ...]

TIMEOUT_SECONDS, CONNECT_SECONDS = 1, 0.5

_pack: Any = pack_command
"""Its stub takes tuples of one argument only."""


class CacheConnection:
    """Opened by the first commands."""

    def __init__(self) -> None:
        here = settings()
        options: dict[str, Any] = {
            "host": here.cache_host,
            "port": here.cache_port,
            "socket_timeout": TIMEOUT_SECONDS,
            "socket_connect_timeout": CONNECT_SECONDS,
            "decode_responses": True,
            "protocol": 3,
            "driver_info": None,  # or it tells Valkey its name, in two more round trips
        }
        connection: Any = Connection  # redis-py does not type all of it
        if here.cache_auth == "iam":
            connection, options["credential_provider"] = SSLConnection, _IamCredentials(here)
        else:
            options["password"] = local_cache_password()
        self._connection = connection(**options)

    def exchange(self, commands: Sequence[Command]) -> list[Any]:
        """The answers in order. Raises RedisError, OSError; the first error that Valkey answers,
        when it has answered all.
        """
        try:
            answers = self._round_trip(commands)
        except (RedisConnectionError, TimeoutError):
            answers = self._round_trip(commands)  # once: a socket that died while frozen
        for answer in answers:
            if isinstance(answer, ResponseError):
                raise answer
        return answers

    def _round_trip(self, commands: Sequence[Command]) -> list[Any]:
        """Where it fails, redis-py closes the connection, and the next call opens a new one."""
        packed = b"".join(map(_pack, commands))
        self._connection.send_packed_command([packed])
        return [self._answer() for _ in commands]

    def _answer(self) -> Any:
        try:
            return self._connection.read_response()
        except ResponseError as error:
            return error


class _IamCredentials(CredentialProvider):
    """A new token for each connection: it is valid for 15 minutes, the connection for 12 hours."""

    def __init__(self, here: Settings) -> None:
        self._here = here

    def get_credentials(self) -> tuple[str, str]:
        here = self._here
        try:
            token = iam.cache_token(cache=here.cache_name, user=here.cache_user)
        except CredentialsUnavailable as error:
            # With any other error redis-py would keep the connection, which nobody signed in to
            raise RedisConnectionError(str(error)) from error
        return here.cache_user, token
