"""The hosts that links lead to, as a browser finds them, in one spelling."""

import re
from urllib.parse import unquote

FULL_STOPS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
MAX_HOST_LENGTH = 253

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PORT = re.compile(r":\d*$")
_IGNORED = str.maketrans({"\t": None, "\n": None, "\r": None})


def host_of(address: str) -> str:
    """Of a link: `http:\\\\user@EVIL%2eexample.:80` leads to `evil.example`. Of an e-mail address,
    its domain. Empty if there is none.
    """
    address = address.strip().translate(_IGNORED).replace("\\", "/")
    rest = _SCHEME.sub("", address, count=1).lstrip("/")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return canonical_host(_PORT.sub("", unquote(authority.rpartition("@")[2])))


def canonical_host(host: str) -> str:
    """Maps it as UTS 46 does for IDNA 2008, and decodes Punycode: all spellings of a host are the
    same afterwards, in Unicode. A text that cannot be a host gives itself.
    """
    host = host.translate(FULL_STOPS).strip(".").lower()[-MAX_HOST_LENGTH:]
    if not host.isascii():
        host = _mapped(host)
    if "xn--" not in host:
        return host
    return _mapped(".".join(_decoded(label) for label in host.split(".")))


def host_in_ascii(host: str) -> str:
    """With Punycode. `host`: a canonical one."""
    labels = (
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in host.split(".")
    )
    return ".".join(labels)


def _mapped(host: str) -> str:
    import idna  # large tables, and only forums with filters need them

    try:
        return idna.uts46_remap(host, std3_rules=False, transitional=False).strip(".")
    except idna.IDNAError:
        return host


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
