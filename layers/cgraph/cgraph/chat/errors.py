from cgraph.core.errors import Refusal, ValidationFailed


class EditWindowOver(Refusal):
    status, code, title = 403, "edit_window_over", "The message is too old to be edited"


class DeleteWindowOver(Refusal):
    status, code, title = (
        403,
        "delete_window_over",
        "The message is too old: only an owner or admin of the conversation can delete it",
    )


class ConversationNotFound(Refusal):
    """Also for users who are not members, so that they do not learn that it exists."""

    status, code, title = 404, "conversation_not_found", "The conversation does not exist"


class MessageNotFound(Refusal):
    """Also for users who are not members of its conversation."""

    status, code, title = 404, "message_not_found", "The message does not exist"


class MessageDeleted(Refusal):
    status, code, title = 409, "message_deleted", "The message has been deleted"


class ReplyTargetNotFound(Refusal):
    status, code, title = (
        422,
        "reply_target_not_found",
        "The message in `reply_to` is not in this conversation",
    )


class NotAnEmoji(ValidationFailed):
    """A reaction is one emoji of those that Unicode lists, in any of its forms."""

    code, title = "not_an_emoji", "A reaction is one emoji"

    def __init__(self) -> None:
        super().__init__([{"field": "emoji", "code": self.code, "message": "must be one emoji"}])


class TooManyReactions(Refusal):
    status, code, title = (
        422,
        "too_many_reactions",
        "The message has the largest number of different reactions",
    )


class TooManyPins(Refusal):
    status, code, title = 422, "too_many_pins", "The conversation has the largest number of pins"


class UnknownMembers(Refusal):
    status, code, title = 422, "unknown_members", "Some of the members do not exist"


class InvalidMembers(Refusal):
    status, code, title = 422, "invalid_members", "The members do not fit this kind of conversation"
