"""`make docs`"""

import sys
import tomllib

from cgraph_local.api_documents.documents import new_files
from cgraph_local.core.home import CHECKOUT


def main() -> None:
    """Writes docs/api and names each file with what became of it."""
    functions, folder = CHECKOUT / "functions", CHECKOUT / "docs" / "api"
    sys.path.insert(0, str(functions))
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in new_files(functions, version=version).items():
        path = folder / name
        fresh = path.is_file() and path.read_text() == text
        path.write_text(text)
        print(f"  docs/api/{name}: {'was fresh' if fresh else 'written'}")


main()
