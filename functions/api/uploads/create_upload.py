"""POST /uploads"""

from cgraph.core import database, limits, policies
from cgraph.core.http import CurrentUser, json_body, lambda_handler, new_app
from cgraph.media.uploads import actions
from cgraph.media.uploads.models import NewUpload, UploadDraft

app = new_app(policies.SIGNED_IN, limit=limits.WRITE)


@app.post("/uploads", **json_body(NewUpload, status=201))
async def create_upload(draft: UploadDraft, caller: CurrentUser) -> str:
    """Begin an upload

    Returns where to send the file, which goes to the storage directly: a form (`url`, `fields`),
    or `parts` if the file is larger than 50 MB or `in_parts` is true. The storage takes exactly the
    file that was announced, within the time of `expires_at`.

    When the file has arrived, it is checked and processed. The caller's devices get
    `upload.ready`, or `upload.refused` with a `reason`; `GET /uploads/{id}` says the same. Pictures
    are written anew without their metadata, with smaller versions as WebP. An upload that nothing
    uses is deleted after a day.

    Refused if the plan has no room (`storage_full`), the file or its type are not allowed
    (`file_too_large`, `type_not_supported`), or too many were begun (`too_many_uploads`).
    """
    async with database.autocommit() as tx:
        return await actions.create_upload(tx, caller=caller, draft=draft)


handler = lambda_handler(app)
