"""The `context` argument of a handler, with the attributes that Lambda gives it."""

import time
from collections.abc import Mapping


class Identity:
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None


class LambdaContext:
    client_context = None

    def __init__(self, variables: Mapping[str, str], *, request_id: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.function_name = variables["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = variables["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = variables["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = variables["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = (
            f"arn:aws:lambda:{variables['AWS_REGION']}:000000000000:function:{self.function_name}"
        )
        self.identity = Identity()
        self.tenant_id: str | None = None
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        return max(int((self._deadline - time.time()) * 1000), 0)

    def log(self, message: str) -> None:
        print(message)
