"""What every other part of the package stands on: errors, parsing, back-off, addresses."""
