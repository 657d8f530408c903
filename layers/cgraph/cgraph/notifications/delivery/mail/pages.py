"""Two small pages, for those who open the link in a mail."""

from cgraph.mail.pages import question_page, text_page
from cgraph.mail.wording import word


def question(token: str) -> str:
    """With a button that sends the form to the same address."""
    return question_page(
        word("unsubscribe.title"),
        question=word("unsubscribe.question"),
        button=word("unsubscribe.button"),
        token=token,
    )


def confirmation() -> str:
    return text_page(word("unsubscribe.title"), text=word("unsubscribe.done"))
