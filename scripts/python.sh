#!/bin/sh
# python.sh PREFERRED ARGUMENT…: runs the arguments with the first Python that is new enough.
preferred=$1
shift
for python in "$preferred" python3.13 python3.12 python3.11 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$@"
    fi
done
echo "CGraph needs Python 3.11 or newer; '$preferred' is $("$preferred" --version 2>&1)." >&2
echo "Install one, or name it: make PYTHON=/path/to/python3.13 …" >&2
exit 1
