"""Imports the exports of other communities into the database of the local cloud."""
