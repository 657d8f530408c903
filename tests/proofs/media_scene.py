"""Files in a running system, and what people ask the edge for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.types.json import Jsonb

from cgraph.media.headers import object_headers
from cgraph.media.signatures import load_private_key, signed_query
from cgraph_local.cloud.template_parameters import MEDIA_BUCKET
from cgraph_local.gateway import MediaKeys
from tests.aws import aws_client
from tests.person import Document, Person
from tests.system import LocalSystem

NAMES = ("original.webp", "w320.webp")
CONTENT = b"RIFF\x04\x00\x00\x00WEBP"


@dataclass(frozen=True, slots=True)
class MediaScene:
    """`url`: of the edge; `edge`: a client that has no session and no base."""

    system: LocalSystem
    edge: httpx.AsyncClient

    @property
    def url(self) -> str:
        return str((self.system.home.read_run() or {})["media_url"])

    @property
    def s3(self) -> Any:
        endpoints = self.system.endpoints
        url, credentials = endpoints.emulator_url, endpoints.credentials
        return aws_client("s3", url=url, credentials=credentials)

    async def upload(self, owner: Person, *, purpose: str = "attachment") -> str:
        """The id of one that is ready, as the worker leaves it."""
        draft = {"filename": "a.png", "content_type": "image/png", "size": 12, "purpose": purpose}
        document = await owner.request_json("POST", "/uploads", body=draft)
        id = UUID(document["upload"]["id"])
        folder = "media" if purpose == "attachment" else "public"
        headers = object_headers(
            filename="a.webp",
            content_type="image/webp",
            is_shown=True,
            is_public=purpose != "attachment",
        )
        for name in NAMES:
            key = f"{folder}/{id}/{name}"
            self.s3.put_object(Bucket=MEDIA_BUCKET, Key=key, Body=CONTENT, **headers)
        self._mark_ready(id)
        return str(id)

    def _mark_ready(self, id: UUID) -> None:
        objects = [{"name": name, "width": 320, "height": 200, "size": 12} for name in NAMES]
        with psycopg.connect(self.system.endpoints.conninfo, autocommit=True) as connection:
            connection.execute(
                "UPDATE uploads SET status = 'ready', kind = 'image', objects = %s WHERE id = %s",
                (Jsonb(objects), id),
            )

    def sign(self, id: str, *, lives: float = 60, key: Path | None = None) -> str:
        """A URL by the edge's own key, or another one that has its name."""
        ours = MediaKeys.of(self.system.home)
        query = signed_query(
            self.url,
            id,
            expires=int(time.time() + lives),
            key=load_private_key((key or ours.file).read_bytes()),
            key_id=ours.key_id,
        )
        return f"{self.url}/media/{id}/{NAMES[0]}?{query}"

    async def shown_to(self, person: Person, *ids: str) -> list[Document]:
        """What they get URLs of."""
        document = await person.request_json("POST", "/uploads/urls", body={"uploads": list(ids)})
        return list(document["items"])

    async def url_for(self, person: Person, id: str) -> str:
        (item,) = await self.shown_to(person, id)
        return str(item["url"])

    async def status(self, url: str) -> int:
        return (await self.edge.get(url)).status_code
