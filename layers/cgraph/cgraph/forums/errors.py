from cgraph.core.errors import Refusal


class OwnVote(Refusal):
    status, code, title = 403, "own_vote", "Nobody votes for what they wrote themselves"


class ForumNotFound(Refusal):
    status, code, title = 404, "forum_not_found", "There is no such forum"


class PostNotFound(Refusal):
    status, code, title = 404, "post_not_found", "There is no such post"


class CommentNotFound(Refusal):
    status, code, title = 404, "comment_not_found", "There is no such comment"


class SlugTaken(Refusal):
    status, code, title = 409, "slug_taken", "That slug is taken"


class PostDeleted(Refusal):
    status, code, title = 409, "post_deleted", "The post has been deleted or removed"


class PostLocked(Refusal):
    status, code, title = 409, "post_locked", "The post takes no more comments"


class PollClosed(Refusal):
    status, code, title = 409, "poll_closed", "The poll is closed"


class PostMoved(Refusal):
    status, code, title = 409, "post_moved", "The post was moved just now: try again"


class CommentNotInPost(Refusal):
    status, code, title = 422, "comment_not_in_post", "There is no such comment under this post"


class TooManyPinnedPosts(Refusal):
    status, code, title = 422, "too_many_pinned_posts", "No more posts can be pinned there"


class InvalidTags(Refusal):
    status, code, title = 422, "invalid_tags", "The tags do not fit the forum"


class InvalidChoices(Refusal):
    status, code, title = 422, "invalid_choices", "The choices do not fit the poll"


class CommentDeleted(Refusal):
    status, code, title = 409, "comment_deleted", "The comment has been deleted or removed"


class Filtered(Refusal):
    status, code, title = 422, "filtered", "The forum does not take texts with such words or links"
