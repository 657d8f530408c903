"""All error codes, as a page to read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from http import HTTPStatus

from cgraph.core.errors import MethodNotAllowed, NotFound, Refusal
from cgraph.realtime.errors import UnknownAction
from cgraph_local.api_documents.asyncapi import refusals_of_action
from cgraph_local.api_documents.inventory import HttpFunction, SocketAction
from cgraph_local.api_documents.problems import refusals_of
from cgraph_local.api_documents.texts import unwrapped

ABOUT = """\
# Error codes

`make docs` generates this page from the refusals that the functions can raise.

Over HTTP a refusal is a problem document (RFC 9457) with `type`, `title`, `status`, `code` and
`detail`. Over the socket it is an `ack` frame with `ok: false` and `error`, which has `code`,
`status` and `message`. `code` is stable: a client decides by it. `title`, `detail` and `message`
are texts for people and may change.

- `validation_failed`, `unknown_field`, `username_reserved` and `weak_password` also have `errors`:
  a `field` (its path, with dots), a `code` and a `message` for each field that is wrong.
- Codes of text fields: `blank` (nothing of it can be seen), `line_break`, `control_character` and
  `bidi_control` (not allowed in a name or title; in a body only control characters are refused),
  `combining_marks` (more than ten on one character), `string_too_long`, `unsupported_character`
  (in a new password), `string_unicode` (half a surrogate pair). The other codes are Pydantic's.
- 429 and 503 say when to try again: `Retry-After` in seconds, or `retry_after_ms` in a frame.
- After 500 and 503 the client does not know whether a write was done. Sending it again with the
  same `nonce` is safe.

API Gateway answers some requests before a function runs, without a code of this list: 413 (the
body is larger than 6 MB), 431 (the headers are larger than 10 KB), 429 (throttled), and 500 or 503
where a function failed or timed out. The local gateway answers the same and adds a code.
"""
ELSEWHERE: dict[type[Refusal], str] = {
    NotFound: "Every path that does not exist.",
    MethodNotAllowed: "No operation: API Gateway sends a function only the method of its route.",
    UnknownAction: "Every frame whose `action` does not exist.",
}
"""Where codes occur that no operation of the documents carries."""

EXCEPT_AT_MOST = 4

Labels = dict[type[Refusal], set[str]]


def errors_page(http: Sequence[HttpFunction], actions: Sequence[SocketAction]) -> str:
    """Markdown: a section for each status, and in it one for each code."""
    operations, frames = _operations(http), _frames(actions)
    groups = _groups(http)
    kinds = sorted({*operations, *frames, *ELSEWHERE}, key=lambda kind: (kind.status, kind.code))
    parts, status = [ABOUT], 0
    for kind in kinds:
        if kind.status != status:
            status = kind.status
            parts.append(f"## {status} {HTTPStatus(status).phrase}\n")
        carriers = [
            *_carriers("Operations", operations.get(kind, set()), groups),
            *_carriers("Socket actions", frames.get(kind, set()), _action_groups(actions)),
        ]
        parts.append(_section(kind, carriers))
    return "\n".join(parts)


def _section(kind: type[Refusal], carriers: Sequence[str]) -> str:
    text = f"{kind.title}. {unwrapped(kind.__doc__ or '')}".strip()
    where = [f"{ELSEWHERE[kind]}\n"] if kind in ELSEWHERE else [f"{each}\n" for each in carriers]
    return "\n".join([f"### `{kind.code}`\n", f"{text}\n", *where])


def _carriers(what: str, labels: Collection[str], groups: dict[str, set[str]]) -> Iterator[str]:
    """The shortest way to name them: a group, a group with few exceptions, or a list."""
    if not labels:
        return
    for name, members in groups.items():
        missing = members.difference(labels)
        if not set(labels) <= members or len(missing) > min(EXCEPT_AT_MOST, len(labels) // 3):
            continue
        exceptions = f", except {_listed(missing)}" if missing else ""
        yield f"{what}: {name}{exceptions}."
        return
    yield f"{what}: {_listed(labels)}."


def _listed(labels: Iterable[str]) -> str:
    return ", ".join(f"`{label}`" for label in sorted(labels, key=lambda each: each.split()[::-1]))


def _operations(http: Iterable[HttpFunction]) -> Labels:
    found: Labels = {}
    for function in http:
        for path, method in function.operations:
            for refusal in refusals_of(function, method=method):
                found.setdefault(refusal, set()).add(f"{method.upper()} {path}")
    return found


def _frames(actions: Iterable[SocketAction]) -> Labels:
    found: Labels = {}
    for action in actions:
        for refusal in refusals_of_action(action):
            found.setdefault(refusal, set()).add(action.name)
    return found


def _groups(http: Sequence[HttpFunction]) -> dict[str, set[str]]:
    """The operations by what they have in common, the smaller groups first."""

    def those(functions: Iterable[HttpFunction]) -> set[str]:
        return {
            f"{method.upper()} {path}"
            for function in functions
            for path, method in function.operations
        }

    signed_in = [each for each in http if each.app.state.policy.signed_in]
    return {
        "all with a body": those(each for each in http if each.route.body_field is not None),
        "all writes of signed-in users": those(
            each for each in signed_in if each.route.methods != {"GET"}
        ),
        "all for signed-in users": those(signed_in),
        "all with a rate limit": those(each for each in http if each.app.state.limit is not None),
        "all": those(http),
    }


def _action_groups(actions: Iterable[SocketAction]) -> dict[str, set[str]]:
    return {
        "all that write": {each.name for each in actions if each.writes},
        "all": {each.name for each in actions},
    }
