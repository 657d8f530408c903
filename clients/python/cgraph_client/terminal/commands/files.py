"""Commands about files: sending one, and showing or keeping those of a message. The previews of its
links are counted after its files: their pictures are on our server too.

What others named their files is never a path here, and nothing opens with a program of this
machine: a browser shows what the server has encoded itself, from the origin of the media.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import shlex
import webbrowser
from pathlib import Path

from cgraph_client.core.errors import CGraphError
from cgraph_client.core.filenames import safe_filename
from cgraph_client.models.messages import Message
from cgraph_client.models.uploads import Attachment, Preview
from cgraph_client.terminal.commands.command import Command, CommandContext, UsageError
from cgraph_client.terminal.formatting import describe_size, sanitize

SHOWN_KINDS = frozenset(("image", "video", "audio"))
STEPS = 4
"""How often the progress of a file is said."""


async def send_file(context: CommandContext, arguments: str) -> None:
    path, content = path_and_rest(arguments)
    if not await asyncio.to_thread(path.is_file):
        raise UsageError(f"There is no file {sanitize(str(path))}. /send FILE [TEXT]")
    conversation_id = context.open_conversation()
    queue = context.view.send_queue
    queue.start(_send(context, conversation_id, path, content))


async def _send(context: CommandContext, conversation_id: str, path: Path, content: str) -> None:
    name, show = sanitize(path.name), context.screen.show
    said = 0

    def report(done: int, size: int) -> None:
        nonlocal said
        step = done * STEPS // size if size else STEPS
        if said < step < STEPS:
            show(f"({name}: {100 * step // STEPS} % of {describe_size(size)})")
        said = max(said, step)

    try:
        upload = await context.client.uploads.upload(path, on_progress=report)
        outbox = context.view.send_queue.outbox
        await outbox.send(conversation_id, content, attachments=[upload.id])
    except TimeoutError:
        show(f"Not sent: the server has not looked at {name} yet.")
    except (CGraphError, OSError) as error:
        show(f"Not sent: {name}: {sanitize(str(error))}")


async def show_file(context: CommandContext, arguments: str) -> None:
    message, index = await _message_and_index(context, arguments)
    count = len(message.attachments)
    if count < index <= count + len(message.previews):
        await _show_picture(context, message.previews[index - count - 1])
        return
    attachment = _attachment_at(message, index)
    if attachment.kind not in SHOWN_KINDS:
        raise UsageError("A file of this kind is not shown: /save N keeps it.")
    fresh = await context.client.uploads.urls([attachment.id])
    if not fresh or fresh[0].url is None:
        raise UsageError("The file is not there any more.")
    await _open(fresh[0].url, otherwise="/save N keeps the file.")


async def _show_picture(context: CommandContext, preview: Preview) -> None:
    picture = preview.picture
    media_url = (await context.client.limits()).media_url if picture else None
    if picture is None or media_url is None:
        raise UsageError("The preview has no picture.")
    url = f"{media_url}/{picture.path}"
    await _open(url, otherwise=f"the picture is at {sanitize(url)}")


async def _open(url: str, *, otherwise: str) -> None:
    if not await asyncio.to_thread(webbrowser.open, url):
        raise UsageError(f"There is no browser here: {otherwise}")


async def save_file(context: CommandContext, arguments: str) -> None:
    which, _, text = arguments.partition(" ")
    attachment = _attachment_at(*await _message_and_index(context, which))
    name = safe_filename(attachment.filename)
    target = await asyncio.to_thread(_target, text.strip(), name)
    for path in _free_paths(target):
        try:
            size = await context.client.uploads.download(attachment, path)
        except FileExistsError:
            continue
        except (CGraphError, OSError) as error:
            raise UsageError(f"Not saved: {sanitize(str(error))}") from error
        context.screen.show(f"Saved {sanitize(str(path))} ({describe_size(size)}).")
        return


def _target(given: str, name: str) -> Path:
    """`given`: a folder or a file; empty is the folder in which the chat runs."""
    path = Path(given).expanduser() if given else Path()
    return path / name if path.is_dir() else path


def _free_paths(path: Path) -> itertools.chain[Path]:
    """The path, then with a number before its ending: nothing is replaced."""
    numbered = (path.with_stem(f"{path.stem} ({number})") for number in itertools.count(2))
    return itertools.chain([path], numbered)


async def _message_and_index(context: CommandContext, which: str) -> tuple[Message, int]:
    """`which`: the number of a message, or of one of its files, as in 12.2."""
    number, _, place = which.strip().partition(".")
    index = int(place or 1) if not place or place.isdecimal() else 0
    return await context.message(number), index


def _attachment_at(message: Message, index: int) -> Attachment:
    count = len(message.attachments)
    if not count:
        raise UsageError("The message has no files.")
    if not 1 <= index <= count:
        raise UsageError(f"Which of its {count} files? {message.seq}.1 is the first.")
    return message.attachments[index - 1]


def path_and_rest(arguments: str) -> tuple[Path, str]:
    """A path with spaces is in quotes, or its spaces have a backslash before them."""
    typed = io.StringIO(arguments)
    words = shlex.shlex(typed, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters = True, ""
    try:
        first = words.get_token()
    except ValueError as error:
        raise UsageError(f"A quotation mark is missing: {error}") from error
    if not first:
        raise UsageError("Which file? /send FILE [TEXT]")
    return Path(first).expanduser(), arguments[typed.tell() :].strip()


COMMANDS = (
    Command("/send", "FILE [TEXT]", "sends a file, with a text", send_file),
    Command(
        "/view",
        "N[.K]",
        "shows a file of message N, or the picture of a preview",
        show_file,
    ),
    Command("/save", "N[.K] [PATH]", "keeps a file of message N", save_file),
)
