"""Each operation documents every status that it can answer, with its error codes."""

from tests.contract.checkout import CHECKOUT
from tests.contract.documented import Document, Operation, http_operations

OPERATIONS = http_operations(Document(CHECKOUT / "docs" / "api" / "openapi.json"))


def expected(operation: Operation) -> dict[str, str]:
    """Statuses that operations of its kind answer, each with a code that it must carry, if any."""
    content, method = operation.content, operation.label.split()[0]
    statuses = {"422": "unknown_field", "500": "internal_error"}
    if "{" in operation.label:
        statuses["404"] = ""
    if "requestBody" in content:
        statuses |= {"400": "malformed_body", "422": "validation_failed"}
    if content["security"]:
        statuses["401"] = "authentication_required"
    if content["x-limit"] is not None:
        statuses["429"] = "rate_limited"
        if method != "GET":
            statuses["503"] = "read_only" if content["security"] else ""
    return statuses


def test_every_operation_documents_the_statuses_of_its_kind() -> None:
    missing = [
        f"{operation.label} lacks {status}"
        for operation in OPERATIONS
        for status in expected(operation)
        if status not in operation.statuses
    ]
    assert not missing, "\n".join(missing)


def test_every_error_status_has_its_codes() -> None:
    for operation in OPERATIONS:
        for status, code in expected(operation).items():
            assert code in ("", *operation.codes(status)), (operation.label, status)
        for status in operation.statuses:
            assert status < "400" or operation.codes(status), (operation.label, status)
