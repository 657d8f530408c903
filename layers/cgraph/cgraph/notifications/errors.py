from cgraph.core.errors import Refusal, ValidationFailed


class NotificationNotFound(Refusal):
    """Also where it was withdrawn, because the caller may not see any more what it was about."""

    status, code, title = 404, "notification_not_found", "The notification does not exist"


class NothingToFollow(Refusal):
    """Also for those who may not read it."""

    status, code, title = 404, "nothing_to_follow", "What was to be followed does not exist"


class UnknownTimeZone(ValidationFailed):
    """It is not in the IANA time zone database."""

    code, title = "unknown_time_zone", "This time zone does not exist"

    def __init__(self) -> None:
        super().__init__([{"field": "time_zone", "code": self.code, "message": "is not known"}])
