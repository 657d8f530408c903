"""The state that changes add up to. Nothing here sends a request, awaits or reads a clock."""
