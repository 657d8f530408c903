"""Files that are sent as a client sends them, and what the worker makes of them."""

from __future__ import annotations

import asyncio
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from PIL import Image

from cgraph_local.core.home import CHECKOUT
from tests.feature.world import Person

FIXTURES = CHECKOUT / "tests" / "media"
BUCKET = "cgraph-media"


@dataclass(frozen=True, slots=True)
class Sent:
    id: str
    status: int


def picture(width: int = 64, height: int = 48, *, format: str = "PNG", **options: Any) -> bytes:
    """Colours that change from left to right and from top to bottom."""
    red = Image.linear_gradient("L").resize((width, height))
    green = red.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    written = io.BytesIO()
    Image.merge("RGB", (red, green, red)).save(written, format, **options)
    return written.getvalue()


async def begin(person: Person, content: bytes, content_type: str, **fields: Any) -> Any:
    draft = {"filename": "a file", "content_type": content_type, "size": len(content), **fields}
    answer = await person.call("create_upload", draft)
    assert answer.status == 201, answer
    return answer.body


def post_form(url: str, fields: dict[str, str], content: bytes) -> int:
    """The status."""
    boundary = uuid4().hex
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    )
    body += (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    body += content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return _status(urllib.request.Request(url, data=body, headers=headers, method="POST"))


def put(url: str, content: bytes) -> int:
    return _status(urllib.request.Request(url, data=content, method="PUT"))


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


async def send(person: Person, content: bytes, content_type: str, **fields: Any) -> str:
    """The id of an upload whose file has come, and is not processed yet."""
    begun = await begin(person, content, content_type, **fields)
    status = await asyncio.to_thread(post_form, begun["url"], begun["fields"], content)
    assert status == 204, status
    return str(begun["upload"]["id"])


async def process(person: Person, id: str) -> Any:
    """The upload after the worker has seen it."""
    result = await person.world.work_off("workers.process_uploads", notification(id))
    assert result == {"batchItemFailures": []}, result
    return (await person.call("show_upload", id=id)).body


async def upload(person: Person, content: bytes, content_type: str, **fields: Any) -> Any:
    return await process(person, await send(person, content, content_type, **fields))


def notification(id: str, **fields: Any) -> dict[str, Any]:
    """What S3 sends when a file has come."""
    stored = {"key": f"incoming/{id}", "size": 1, **fields}
    return {"Records": [{"eventName": "ObjectCreated:Post", "s3": {"object": stored}}]}


def sqs_record(job: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": "1",
        "receiptHandle": "of no queue",
        "body": json.dumps(job),
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
    }


def stored(s3: Any, id: str, *, folder: str = "media") -> dict[str, bytes]:
    """By name: what is stored of an upload."""
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/{id}/").get("Contents", [])
    return {
        each["Key"].rpartition("/")[2]: s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        for each in listed
    }


def versions(s3: Any, id: str) -> list[str]:
    """The keys of all versions of all its objects."""
    return [
        each["Key"]
        for folder in ("incoming", "media", "public")
        for each in s3.list_object_versions(Bucket=BUCKET, Prefix=f"{folder}/{id}").get(
            "Versions", []
        )
    ]
