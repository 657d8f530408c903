"""The refusals of moderation."""

from cgraph.core.errors import Refusal


class ReportNotFound(Refusal):
    status, code, title = 404, "report_not_found", "There is no such report"


class AppealNotFound(Refusal):
    status, code, title = 404, "appeal_not_found", "There is no such appeal"


class NothingToAppeal(Refusal):
    """Also of a shadow ban, which is not shown to the banned user."""

    status, code, title = (
        404,
        "nothing_to_appeal",
        "You have no ban from this forum, or this post or comment of yours is not removed",
    )


class ReportClaimed(Refusal):
    status, code, title = 409, "report_claimed", "Another moderator has claimed the report"


class AlreadyResolved(Refusal):
    status, code, title = 409, "already_resolved", "The report or appeal is already resolved"


class AlreadyAppealed(Refusal):
    status, code, title = (
        409,
        "already_appealed",
        "You have already appealed against this ban or removal",
    )


class AlreadyRemoved(Refusal):
    """Nothing was changed. The same removal with the same reason succeeds again."""

    status, code, title = 409, "already_removed", "It is already removed, for another reason"


class NotRemoved(Refusal):
    """Nothing was changed. What is withheld from other readers is not removed: approve it."""

    status, code, title = 409, "not_removed", "It is not removed"


class NotWithheld(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_withheld", "All readers of the forum see it already"


class AwaitsApproval(Refusal):
    """The report of a text that waits for approval is resolved by approving or removing it."""

    status, code, title = (
        409,
        "awaits_approval",
        "It waits for approval: approve or remove it",
    )


class NotBanned(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_banned", "The user is not banned"


class NotClaimed(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_claimed", "You have not claimed this report"


class StillBanned(Refusal):
    """Nothing was changed. Lift the shadow ban with `restore=true`, or replace it first."""

    status, code, title = 409, "still_banned", "The user is still under a shadow ban"


class InvalidReport(Refusal):
    status, code, title = 422, "invalid_report", "You cannot report your own post or comment"


class InvalidBan(Refusal):
    status, code, title = 422, "invalid_ban", "This user cannot be banned like this"
