from cgraph.core.errors import Refusal


class InvalidMailLink(Refusal):
    """The link is not complete, or was not in a mail of this stage."""

    status, code, title = 403, "invalid_mail_link", "This link is not valid"
