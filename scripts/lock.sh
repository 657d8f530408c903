#!/bin/sh
# Writes each requirements.txt from its .in: for all platforms, with hashes, without index URLs.
# The layer's pins override the constraints of a tool's metadata: the SAM translator requires an older
# pydantic than the functions use, but works with theirs.
set -eu
compile() {
    echo "  $1.txt"
    .venv/bin/uv pip compile --quiet --universal --upgrade --python-version 3.11 \
        --generate-hashes --no-header --no-annotate --no-emit-index-url \
        "$1.in" --output-file "$1.txt" $2
}
layer=layers/dependencies/requirements
compile scripts/requirements ''
compile $layer ''
compile layers/media/requirements ''
compile infra/local/requirements "--override $layer.in"
compile infra/local/emulator/requirements ''
compile infra/lint/requirements ''
compile infra/sam/requirements ''
compile tests/requirements "--override $layer.in"
compile tests/browser/requirements ''
compile tests/search_fake/requirements ''
compile scripts/emoji_data/requirements ''
compile scripts/common_passwords/requirements ''
