"""The commands of `cgraph`: one module each, with `main(arguments) -> exit status`."""
