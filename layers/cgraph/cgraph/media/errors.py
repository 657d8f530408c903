from cgraph.core.errors import Refusal


class UploadNotFound(Refusal):
    """There is no such upload, or the caller may see nothing that uses it."""

    status, code, title = 404, "upload_not_found", "There is no such upload"


class UploadInUse(Refusal):
    """A message, a post or a profile shows it. Delete that, or take the upload off it."""

    status, code, title = 409, "upload_in_use", "The upload is in use"


class UploadNotPending(Refusal):
    """Its parts can be sent only until it is complete, and only if it was begun with parts."""

    status, code, title = 409, "upload_not_pending", "The upload does not wait for parts"


class PartsMissing(Refusal):
    """Send the parts that `GET /uploads/{id}/parts` lists as missing, and complete it again."""

    status, code, title = 409, "parts_missing", "Some parts have not arrived"


class FileTooLarge(Refusal):
    """`detail` names the largest size of this kind of file in the caller's plan."""

    status, code, title = 413, "file_too_large", "The file is too large"


class TypeNotSupported(Refusal):
    """The content type is not one that this purpose may have."""

    status, code, title = 415, "type_not_supported", "This type of file is not supported"


class StorageFull(Refusal):
    """The caller's uploads together would exceed their plan. Delete some of them."""

    status, code, title = 409, "storage_full", "There is no room for this file"


class TooManyUploads(Refusal):
    """The caller began as many uploads within an hour as their plan allows."""

    status, code, title = 429, "too_many_uploads", "Too many uploads in an hour"


class StorageUnavailable(Refusal):
    """The storage of the files does not answer. Send the request again."""

    status, code, title = 503, "storage_unavailable", "The storage does not answer: try again"


class MediaUnavailable(Refusal):
    """URLs cannot be signed now, or this installation serves no media. Send the request again."""

    status, code, title = 503, "media_unavailable", "Media cannot be shown now: try again"


class UploadNotReady(Refusal):
    """Some of the uploads are still to come or are being processed. The caller gets `upload.ready`
    when one is.
    """

    status, code, title = 409, "upload_not_ready", "An upload is not ready yet"
