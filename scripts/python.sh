#!/bin/sh
# python.sh CHOSEN ARGUMENT…: runs the arguments with the Python CHOSEN, or, if that is empty, with
# the first installed Python that is new enough.
chosen=$1
shift

run_if_new_enough() {
    candidate=$1
    shift
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" "$@"
    fi
}

if [ -n "$chosen" ]; then
    run_if_new_enough "$chosen" "$@"
else
    for name in python3 python3.13 python3.12 python3.11 python3.14; do
        run_if_new_enough "$name" "$@"
    done
fi
found=$("${chosen:-python3}" --version 2>&1)
echo "CGraph needs Python 3.11 or newer. ${chosen:-python3}: $found" >&2
echo "Install one (Debian: apt install python3 python3-venv; macOS: brew install python)," >&2
echo "or choose an installed one: make PYTHON=/path/to/python3.13 …" >&2
exit 1
