"""What other communities export, brought into the database of the local cloud."""
