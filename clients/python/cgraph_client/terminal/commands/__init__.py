"""What the user can type: messages, and commands that begin with a slash."""
