"""What a file is, and what is kept of it. Only the worker of the media queue imports this."""
