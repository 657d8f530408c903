"""What the API sends, as immutable types: users, messages, conversations, credentials, changes."""
