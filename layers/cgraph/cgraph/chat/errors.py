from cgraph.core.errors import Refusal


class EditWindowOver(Refusal):
    status, code, title = 403, "edit_window_over", "The message is too old to be edited"


class DeleteWindowOver(Refusal):
    status, code, title = 403, "delete_window_over", "The message is too old to be deleted by you"


class ConversationNotFound(Refusal):
    status, code, title = 404, "conversation_not_found", "There is no such conversation"


class MessageNotFound(Refusal):
    status, code, title = 404, "message_not_found", "There is no such message"


class MessageDeleted(Refusal):
    status, code, title = 409, "message_deleted", "The message has been deleted"


class ReplyTargetNotFound(Refusal):
    status, code, title = (
        422,
        "reply_target_not_found",
        "The message replied to is not in this conversation",
    )


class TooManyReactions(Refusal):
    status, code, title = 422, "too_many_reactions", "The message has all the reactions it can have"


class TooManyPins(Refusal):
    status, code, title = 422, "too_many_pins", "The conversation has all the pins it can have"


class UnknownMembers(Refusal):
    status, code, title = 422, "unknown_members", "Some of the members do not exist"


class InvalidMembers(Refusal):
    status, code, title = 422, "invalid_members", "The members do not fit this kind of conversation"
