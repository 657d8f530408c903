"""Prepares a process and executes a service: python -I -S launcher.py PARENT SIGNAL USER PROGRAM …

It is a program of its own because little may be done between fork and exec in a copy of a threaded
process. It changes the user (unless USER is -), asks the kernel to send SIGNAL when the process
PARENT dies (Linux; on other systems the next start ends what was left) and executes PROGRAM.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, signal, user, *command = sys.argv[1:]
    prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None
    if user != "-":
        change_user(user)
    if prctl is not None:
        # The change of user resets this setting, so it comes afterwards.
        if prctl(PR_SET_PDEATHSIG, int(signal)) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
        if os.getppid() != int(parent):
            sys.exit(f"process {parent}, which started {command[0]}, has ended")
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def change_user(name: str) -> None:
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main()
