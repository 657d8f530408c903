"""The refusals of moderation."""

from cgraph.core.errors import Refusal


class ReportNotFound(Refusal):
    status, code, title = 404, "report_not_found", "There is no such report"


class AppealNotFound(Refusal):
    status, code, title = 404, "appeal_not_found", "There is no such appeal"


class NothingToAppeal(Refusal):
    status, code, title = (
        404,
        "nothing_to_appeal",
        "Nothing of yours is banned or removed by that id",
    )


class ReportClaimed(Refusal):
    status, code, title = 409, "report_claimed", "Another moderator has claimed the report"


class AlreadyResolved(Refusal):
    status, code, title = 409, "already_resolved", "It has been resolved already"


class AlreadyAppealed(Refusal):
    status, code, title = 409, "already_appealed", "It has been appealed against already"


class InvalidReport(Refusal):
    status, code, title = 422, "invalid_report", "Nobody reports what they wrote themselves"


class InvalidBan(Refusal):
    status, code, title = 422, "invalid_ban", "This person cannot be banned"
