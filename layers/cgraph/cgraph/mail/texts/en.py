from collections.abc import Mapping

Text = str | tuple[str, str]
"""One text, or a pair: for the number one and for all others."""

TEXTS: Mapping[str, Text] = {
    "name.nobody": "Somebody",
    "name.two": "{first} and {second}",
    "name.more": ("{first} and one other", "{first} and {count} others"),
    "place.in": " in {place}",
    "notification.direct_message": (
        "{actors} sent you a message",
        "{actors} sent you {count} messages",
    ),
    "notification.mention": (
        "{actors} mentioned you{where}",
        "{actors} mentioned you {count} times{where}",
    ),
    "notification.broadcast": (
        "{actors} addressed all of you{where}",
        "{actors} addressed all of you {count} times{where}",
    ),
    "notification.reply": (
        "{actors} replied to you{where}",
        "{actors} replied to you {count} times{where}",
    ),
    "notification.comment": (
        "{actors} commented{where}",
        "{count} new comments by {actors}{where}",
    ),
    "notification.reaction": (
        "{actors} reacted to your message{where}",
        "{count} reactions by {actors}{where}",
    ),
    "notification.answer_accepted": "{actors} accepted your answer{where}",
    "notification.new_post": (
        "{actors} wrote a post{where}",
        "{count} new posts by {actors}{where}",
    ),
    "notification.removal": "Moderators removed something that you wrote{where}",
    "notification.warning": "Moderators warned you{where}",
    "notification.appeal": "Your appeal was decided{where}",
    "notification.report_claimed": "Moderators look after your report{where}",
    "notification.report_resolved": "Your report was decided{where}",
    "notification.invitation": "{actors} invited you{where}",
    "notification.message": (
        "{actors} wrote a message{where}",
        "{count} new messages by {actors}{where}",
    ),
    "notification.membership_request": (
        "{actors} wants to become a member{where}",
        "{count} requests to become a member{where}",
    ),
    "notification.membership_decision": "Your request to become a member was decided{where}",
    "notification.restoration": "Moderators restored something that you wrote{where}",
    "notification.approval": "Moderators approved something that you wrote{where}",
    "notification.ban": "Moderators banned you{where}",
    "notification.unban": "Your ban has ended{where}",
    "notification.other": ("There is something new{where}", "There are {count} new things{where}"),
    "mail.notifications.subject": ("One new notification", "{count} new notifications"),
    "mail.greeting": "Hello {name},",
    "mail.notifications.intro": ("this is new for you:", "these are new for you:"),
    "mail.notifications.more": ("and one more.", "and {count} more."),
    "mail.notifications.why": "You get this mail because your account has notifications by mail.",
    "mail.unsubscribe": "No more such mails",
    "unsubscribe.title": "Notifications by mail",
    "unsubscribe.question": "Do you want no more notifications by mail?",
    "unsubscribe.done": "You get no more notifications by mail.",
    "unsubscribe.button": "No more such mails",
}
