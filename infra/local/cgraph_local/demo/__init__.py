"""Demo accounts and data, and the placeholders of the sample events."""
