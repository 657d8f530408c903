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
    "mail.account.why": "This mail is about the account {username}.",
    "mail.verify_email.subject": "Verify your e-mail address",
    "mail.verify_email.text": (
        "somebody registered the account {username} with your address. If that was you, this is "
        "your code; it is valid for 30 minutes:"
    ),
    "mail.verify_email.closing": (
        "Or open the link below. If it was not you, do nothing: without the code the address does "
        "not become theirs."
    ),
    "mail.verify_email.link": "Verify the address",
    "mail.address_known.subject": "You have an account already",
    "mail.address_known.text": (
        "somebody wants to use your address for the account {username}, but it belongs to your "
        "account {known}. The other person does not learn that."
    ),
    "mail.address_known.closing": (
        "If that was you, log in as {known}; if you forgot the password, have it reset. If it was "
        "not you, there is nothing to do."
    ),
    "mail.change_email.subject": "Confirm your new e-mail address",
    "mail.change_email.text": (
        "this is to become the address of the account {username}. If you want that, this is your "
        "code; it is valid for 30 minutes:"
    ),
    "mail.change_email.closing": (
        "Or open the link below. If it was not you, do nothing: nothing changes without the code."
    ),
    "mail.change_email.link": "Confirm the new address",
    "mail.change_asked.subject": "Your e-mail address is to be changed",
    "mail.change_asked.text": (
        "somebody who is signed in to your account {username} wants to change its address to "
        "{new}. It changes once that address is confirmed."
    ),
    "mail.change_asked.closing": (
        "If it was not you, change your password now: that signs out everybody else."
    ),
    "mail.email_changed.subject": "Your e-mail address was changed",
    "mail.email_changed.text": (
        "the address of your account {username} is now {new}, and this one is not used any more."
    ),
    "mail.email_changed.closing": (
        "If it was not you, open the link below within 7 days. It brings this address back, signs "
        "everybody out, and sends you a link for a new password."
    ),
    "mail.email_changed.link": "Bring the old address back",
    "mail.reset_password.subject": "Choose a new password",
    "mail.reset_password.text": (
        "somebody asked for a new password of your account {username}. To choose one, open the "
        "link below within 30 minutes, or give your client this token:"
    ),
    "mail.reset_password.closing": (
        "All devices are signed out then. If it was not you, do nothing: the password stays as it "
        "is."
    ),
    "mail.reset_password.link": "Choose a new password",
    "mail.password_reset.subject": "Your password was changed",
    "mail.password_reset.text": (
        "the password of your account {username} was set anew, and all devices were signed out."
    ),
    "mail.password_reset.closing": (
        "If it was not you, somebody else can read your mail: secure your mailbox, and then have "
        "the password reset once more."
    ),
    "mail.approved.subject": "Your account was approved",
    "mail.approved.text": "your account {username} was approved. You can use it now.",
    "mail.approved.closing": "Welcome!",
    "page.verify_email.title": "Verify your e-mail address",
    "page.verify_email.question": (
        "Is the account {username} yours? Then verify that {email} is your address. If you did "
        "not register this account, close this page."
    ),
    "page.verify_email.button": "Yes, verify it",
    "page.verify_email.done": "The address {email} is verified.",
    "page.change_email.title": "Confirm your new e-mail address",
    "page.change_email.question": "Is {email} to be the address of the account {username}?",
    "page.change_email.button": "Yes, use this address",
    "page.change_email.done": "The address of the account {username} is now {email}.",
    "page.restore_email.title": "Bring the old e-mail address back",
    "page.restore_email.question": (
        "Is {email} to be the address of the account {username} again? Everybody is signed out, "
        "and you get a link for a new password."
    ),
    "page.restore_email.button": "Yes, bring it back",
    "page.restore_email.done": (
        "The address of the account {username} is {email} again, and everybody is signed out. "
        "Choose a new password now: you have got a mail with a link."
    ),
    "page.reset_password.title": "Choose a new password",
    "page.reset_password.question": "The new password of the account {username}:",
    "page.reset_password.button": "Set the password",
    "page.reset_password.done": "The password is set. All devices are signed out: log in again.",
    "unsubscribe.title": "Notifications by mail",
    "unsubscribe.question": "Do you want no more notifications by mail?",
    "unsubscribe.done": "You get no more notifications by mail.",
    "unsubscribe.button": "No more such mails",
}
