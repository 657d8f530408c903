from collections.abc import Mapping

from cgraph.mail.texts.en import Text

TEXTS: Mapping[str, Text] = {
    "name.nobody": "Jemand",
    "name.two": "{first} und {second}",
    "name.more": ("{first} und noch jemand", "{first} und {count} andere"),
    "place.in": " in {place}",
    "notification.direct_message": (
        "Nachricht von {actors}",
        "{count} Nachrichten von {actors}",
    ),
    "notification.mention": (
        "Erwähnung durch {actors}{where}",
        "{count} Erwähnungen durch {actors}{where}",
    ),
    "notification.broadcast": (
        "Nachricht an alle von {actors}{where}",
        "{count} Nachrichten an alle von {actors}{where}",
    ),
    "notification.reply": (
        "Antwort von {actors}{where}",
        "{count} Antworten von {actors}{where}",
    ),
    "notification.comment": (
        "Neuer Kommentar von {actors}{where}",
        "{count} neue Kommentare von {actors}{where}",
    ),
    "notification.reaction": (
        "Reaktion von {actors} auf deine Nachricht{where}",
        "{count} Reaktionen von {actors}{where}",
    ),
    "notification.answer_accepted": "Deine Antwort wurde angenommen{where}",
    "notification.new_post": (
        "Neuer Beitrag von {actors}{where}",
        "{count} neue Beiträge von {actors}{where}",
    ),
    "notification.removal": "Die Moderation hat etwas von dir entfernt{where}",
    "notification.warning": "Die Moderation hat dich verwarnt{where}",
    "notification.appeal": "Über deinen Einspruch wurde entschieden{where}",
    "notification.report_claimed": "Die Moderation kümmert sich um deine Meldung{where}",
    "notification.report_resolved": "Über deine Meldung wurde entschieden{where}",
    "notification.invitation": "Einladung von {actors}{where}",
    "notification.message": (
        "Neue Nachricht von {actors}{where}",
        "{count} neue Nachrichten von {actors}{where}",
    ),
    "notification.membership_request": (
        "Mitgliedsantrag von {actors}{where}",
        "{count} Mitgliedsanträge{where}",
    ),
    "notification.membership_decision": "Über deinen Mitgliedsantrag wurde entschieden{where}",
    "notification.restoration": "Die Moderation hat etwas von dir wiederhergestellt{where}",
    "notification.approval": "Die Moderation hat etwas von dir freigegeben{where}",
    "notification.ban": "Die Moderation hat dich gesperrt{where}",
    "notification.unban": "Deine Sperre ist beendet{where}",
    "notification.other": ("Es gibt etwas Neues{where}", "Es gibt {count} Neuigkeiten{where}"),
    "mail.notifications.subject": ("Eine neue Benachrichtigung", "{count} neue Benachrichtigungen"),
    "mail.greeting": "Hallo {name},",
    "mail.notifications.intro": ("das ist neu für dich:", "das ist neu für dich:"),
    "mail.notifications.more": ("und noch eine.", "und {count} weitere."),
    "mail.notifications.why": "Du bekommst diese Mail, weil dein Konto Benachrichtigungen "
    "per Mail hat.",
    "mail.unsubscribe": "Keine solchen Mails mehr",
    "unsubscribe.title": "Benachrichtigungen per Mail",
    "unsubscribe.question": "Möchtest du keine Benachrichtigungen per Mail mehr bekommen?",
    "unsubscribe.done": "Du bekommst keine Benachrichtigungen per Mail mehr.",
    "unsubscribe.button": "Keine solchen Mails mehr",
}
