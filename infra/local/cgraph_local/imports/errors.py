"""Errors of imports."""


class CannotImport(Exception):
    """Nothing was imported. The message says what to do."""


class InvalidItem(Exception):
    """An item of the source that cannot be imported. `reason` is one of a few texts, by which such
    items are counted; `detail` belongs to this item.
    """

    def __init__(self, reason: str, detail: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
