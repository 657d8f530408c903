"""Usernames and passwords as RFC 8265 (PRECIS) compares them, however a keyboard writes them."""

_WIDE_SPACES = " \t\u00a0\u3000"


def map_username(text: str) -> str:
    """UsernameCaseMapped: narrow letters, lower case, NFC; without spaces around it. Raises
    ValueError.
    """
    text = text.strip(_WIDE_SPACES)
    if text.isascii():
        return text.lower()
    return _enforced("UsernameCaseMapped", text)


def map_password(text: str) -> str:
    """OpaqueString: NFC, each space an ASCII space. Raises ValueError for what RFC 8264 does not
    allow, such as control characters and invisible ones.
    """
    if text.isascii() and text.isprintable():
        return text
    return _enforced("OpaqueString", text)


def password_forms(text: str) -> tuple[str, ...]:
    """What a typed password may have been when its hash was made: in its OpaqueString form, and as
    it was typed where that is another text.
    """
    try:
        return tuple(dict.fromkeys((map_password(text), text)))
    except ValueError:
        return (text,)


def _enforced(profile: str, text: str) -> str:
    from precis_i18n import get_profile  # slow to import, and most names and passwords are ASCII

    return get_profile(profile).enforce(text)
