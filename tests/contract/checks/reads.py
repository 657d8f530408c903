"""Routes that only read do it where the reader may answer."""

import ast
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Kind

AT_READER = "database.reading(caller)"
READS_ELSEWHERE = {
    "CheckHealth": "touches nothing",
    "CheckReadiness": "asks each dependency by itself",
    "ShowPushKey": "makes the key where there is none yet",
    "ShowUnsubscribePage": "has no caller, and may make the key that it needs",
    "ShowEmailPage": "has no caller, and its token was used or issued a moment ago",
    "ShowResetPage": "has no caller, and its token was used or issued a moment ago",
    "ShowLimits": "what it shows is in the code",
}
"""Routes with GET that do not read for their caller, with the reason."""


def what_reads_is_read_at_the_reader(checkout: Checkout) -> Iterator[str]:
    calls = {
        source.path.relative_to("functions"): {ast.unparse(call) for call in source.calls()}
        for source in checkout.functions
    }
    for function in checkout.of_kind(Kind.HTTP):
        file, is_listed = f"functions/{function.file}", function.name in READS_ELSEWHERE
        reads = AT_READER in calls.get(function.file, ())
        if not function.route.startswith("GET "):
            if reads:
                yield f"{file} reads at the reader, and is no GET: a write there fails"
        elif not reads and not is_listed:
            yield (
                f"{file} does not read with `{AT_READER}`: do, or list {function.name} in "
                "tests/contract/checks/reads.py, with the reason"
            )
        elif reads and is_listed:
            yield f"{function.name} reads at the reader: remove it from the list in reads.py"
