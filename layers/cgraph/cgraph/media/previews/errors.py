"""Why a page has no preview."""


class PreviewFailed(Exception):
    """`reason` is a code: it is logged and kept with the link."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
