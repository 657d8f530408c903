"""Files in a running system, and what people ask the edge for."""

from __future__ import annotations

import asyncio
import time
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import httpx

from cgraph.media.signatures import load_private_key, signed_query
from cgraph_local.gateway import MediaKeys
from tests.person import Document, Person
from tests.system import LocalSystem

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGM8IWfDgA0wYRUdtBIA5+ABMmcf2iwAAAAA"
    "SUVORK5CYII="
)
"""A red square."""
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MediaScene:
    """`url`: of the edge; `edge`: a client that has no session and no base."""

    system: LocalSystem
    edge: httpx.AsyncClient

    @property
    def url(self) -> str:
        return str((self.system.home.read_run() or {})["media_url"])

    async def upload(self, owner: Person, *, purpose: str = "attachment") -> str:
        """The id of one that is ready."""
        new = await self.begin(owner, purpose=purpose)
        sent = await self.edge.post(new["url"], data=new["fields"], files={"file": PNG})
        assert sent.status_code == 204, sent.text
        return await self.ready(owner, str(new["upload"]["id"]))

    async def begin(self, owner: Person, **fields: object) -> Document:
        draft = {"filename": "a.png", "content_type": "image/png", "size": len(PNG), **fields}
        return dict(await owner.request_json("POST", "/uploads", body=draft))

    async def ready(self, owner: Person, id: str) -> str:
        async with asyncio.timeout(READY_SECONDS):
            while (upload := await owner.get(f"/uploads/{id}"))["status"] != "ready":
                assert upload["status"] != "refused", upload["reason"]
                await asyncio.sleep(0.1)
        return id

    def sign(self, id: str, *, path: str, lives: float = 60, key: Path | None = None) -> str:
        """A URL by the edge's own key, or another one that has its name."""
        ours = MediaKeys.of(self.system.home)
        query = signed_query(
            self.url,
            id,
            expires=int(time.time() + lives),
            key=load_private_key((key or ours.file).read_bytes()),
            key_id=ours.key_id,
        )
        return f"{self.url}{path}?{query}"

    async def shown_to(self, person: Person, *ids: str) -> list[Document]:
        """What they get URLs of."""
        document = await person.request_json("POST", "/uploads/urls", body={"uploads": list(ids)})
        return list(document["items"])

    async def url_for(self, person: Person, id: str) -> str:
        (item,) = await self.shown_to(person, id)
        return str(item["url"])

    async def status(self, url: str) -> int:
        return (await self.edge.get(url)).status_code
