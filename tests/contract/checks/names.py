"""The resource, its file and the function in the file have the same name."""

import ast
import sys
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Kind, Source, snake_case

FOLDERS = [kind for kind in Kind if kind is not Kind.MANUAL]


def every_function_has_its_file(checkout: Checkout) -> Iterator[str]:
    sources = {source.path.relative_to("functions"): source for source in checkout.functions}
    for function in checkout.declared.values():
        where = f"functions/{function.file}"
        if function.stem != snake_case(function.name):
            yield (
                f"{function.name} runs {where}: rename one of them, the file of {function.name} is "
                f"{snake_case(function.name)}.py"
            )
        if not function.handler.endswith(".handler"):
            yield f"{function.name}: its Handler must end in .handler, not {function.handler!r}"
        if function.file not in sources:
            yield f"{function.name}: {where} does not exist; write it or correct the Handler"
        elif function.stem not in _function_names(sources[function.file]):
            yield f"{where} has no function {function.stem}: name it as the file is named"


def every_file_is_deployed(checkout: Checkout) -> Iterator[str]:
    deployed = {function.file for function in checkout.declared.values()}
    for source in checkout.functions:
        if source.path.relative_to("functions") not in deployed:
            yield (
                f"{source.path} is no function of template.yaml: add its resource (Handler: "
                f"{source.module}.handler) or move it to layers/cgraph"
            )
        if source.path.parts[1] not in FOLDERS:
            yield f"{source.path}: functions are in functions/{{{','.join(FOLDERS)}}}/"


def no_folder_shadows_the_standard_library(checkout: Checkout) -> Iterator[str]:
    """functions/ is the first entry of sys.path on Lambda."""
    for folder in {source.path.parts[1].removesuffix(".py") for source in checkout.functions}:
        if folder in sys.stdlib_module_names:
            yield f"functions/{folder} would shadow the standard library's {folder}: rename it"


def _function_names(source: Source) -> set[str]:
    """Functions defined at the top level, and those passed to a call such as `…_handler(…)`."""
    defined = {
        node.name
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    passed = {
        call.args[0].id
        for call in source.calls()
        if call.args and isinstance(call.args[0], ast.Name)
    }
    return defined | passed
