from cgraph.core.errors import Refusal


class OwnVote(Refusal):
    status, code, title = 403, "own_vote", "You cannot vote on your own post or comment"


class OwnCase(Refusal):
    """Nobody moderates what they wrote, a report about it, their own ban, or their own appeal."""

    status, code, title = 403, "own_case", "Another moderator must decide: this is your own case"


class HigherRank(Refusal):
    """Moderators may not act against what the owner wrote. Only the owner may warn, ban or remove a
    moderator, and nobody the owner.
    """

    status, code, title = 403, "higher_rank", "The user ranks too high in this forum for that"


class ForumNotFound(Refusal):
    """There is no such forum, or it is private and the caller is not a member."""

    status, code, title = 404, "forum_not_found", "There is no such forum"


class PostNotFound(Refusal):
    """There is no such post, or the caller may not see it."""

    status, code, title = 404, "post_not_found", "There is no such post"


class CommentNotFound(Refusal):
    """There is no such comment, or the caller may not see it."""

    status, code, title = 404, "comment_not_found", "There is no such comment"


class VersionNotFound(Refusal):
    """The post has no such earlier version; the current one is not among them."""

    status, code, title = 404, "version_not_found", "There is no such version of the post"


class EmojiNotFound(Refusal):
    status, code, title = 404, "emoji_not_found", "The forum has no emoji of this name"


class MembershipRequestNotFound(Refusal):
    """The user has no open request to become a member: it was decided or withdrawn."""

    status, code, title = 404, "membership_request_not_found", "There is no such open request"


class AlreadyMember(Refusal):
    status, code, title = 409, "already_member", "You are a member of this forum already"


class NotRequested(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_requested", "You have no open request to become a member"


class RequestedRecently(Refusal):
    """`Retry-After` says when the user may ask again: 30 days after a request was refused, one day
    after it was withdrawn.
    """

    status, code, title = 409, "requested_recently", "You have asked recently: wait before you ask"


class RequestsNotAccepted(Refusal):
    """Everybody may join a public forum; others accept requests if their owner allows it."""

    status, code, title = 403, "requests_not_accepted", "The forum accepts no requests"


class SlugTaken(Refusal):
    status, code, title = 409, "slug_taken", "Another forum has this slug"


class PostDeleted(Refusal):
    status, code, title = 409, "post_deleted", "The post was deleted or removed"


class PostLocked(Refusal):
    """On a locked post, only moderators comment and edit. Votes still count, and authors may delete
    what they wrote.
    """

    status, code, title = 409, "post_locked", "The post is locked: only moderators write there"


class NotPinned(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_pinned", "The post is not pinned"


class NotLocked(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_locked", "The post is not locked"


class NotHidden(Refusal):
    """Nothing was changed."""

    status, code, title = 409, "not_hidden", "The version is not hidden"


class PollClosed(Refusal):
    status, code, title = 409, "poll_closed", "The poll is closed"


class PostMoved(Refusal):
    """The post went to another forum while the request waited for its lock."""

    status, code, title = 409, "post_moved", "The post was moved at the same time: try again"


class CommentDeleted(Refusal):
    status, code, title = 409, "comment_deleted", "The comment was deleted or removed"


class CommentNotInPost(Refusal):
    status, code, title = 422, "comment_not_in_post", "There is no such comment under this post"


class TooManyPinnedPosts(Refusal):
    status, code, title = 422, "too_many_pinned_posts", "The forum has too many pinned posts"


class TooManyEmoji(Refusal):
    """Replacing one is still possible. `detail` says how many there may be."""

    status, code, title = 422, "too_many_emoji", "The forum has too many emoji"


class InvalidTags(Refusal):
    status, code, title = 422, "invalid_tags", "The forum does not allow these tags"


class InvalidChoices(Refusal):
    status, code, title = 422, "invalid_choices", "The poll does not allow these choices"


class Filtered(Refusal):
    """A filter of the forum matches the text. The detail does not say which word or link."""

    status, code, title = 422, "filtered", "The forum does not allow a word or link in this text"
