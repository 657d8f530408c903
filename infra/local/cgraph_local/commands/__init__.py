"""One module a command of `cgraph`; each has `main(arguments) -> exit status`."""
