from cgraph.core.errors import Refusal, ValidationFailed


class PlatformNotAvailable(Refusal):
    """This installation sends no push messages to devices of that platform."""

    status, code, title = 409, "platform_not_available", "There are no push messages for it here"


class DeviceNotFound(Refusal):
    status, code, title = 404, "device_not_found", "The device does not exist"


class MissingDeviceField(ValidationFailed):
    """A browser has `endpoint` and `keys`, a phone has `token`."""

    code, title = "missing_device_field", "Something of the device is missing"

    def __init__(self, field: str) -> None:
        message = "is needed for this platform"
        super().__init__([{"field": field, "code": self.code, "message": message}])


class InvalidPushToken(ValidationFailed):
    """A token of `apns` is 64 to 200 hexadecimal digits, one of `fcm` is 20 to 2048 letters, digits
    and the signs `:`, `_` and `-`.
    """

    code, title = "invalid_push_token", "This is not a token of that platform"

    def __init__(self) -> None:
        message = "is not a token of the platform"
        super().__init__([{"field": "token", "code": self.code, "message": message}])


class InvalidEndpoint(ValidationFailed):
    """The endpoint must be the URL that a push service on the internet gave: `https`, with a public
    host and no user.
    """

    code, title = "invalid_endpoint", "This is not the URL of a push service"

    def __init__(self, reason: str) -> None:
        super().__init__([{"field": "endpoint", "code": self.code, "message": reason}])


class InvalidPushKey(ValidationFailed):
    """`public_key` must be a point of P-256 in 65 bytes, `auth` 16 bytes, both in base64url, as
    `PushSubscription.toJSON()` gives them.
    """

    code, title = "invalid_push_key", "This is not a key of a push subscription"

    def __init__(self, field: str) -> None:
        message = "is not the key of a subscription"
        super().__init__([{"field": field, "code": self.code, "message": message}])
