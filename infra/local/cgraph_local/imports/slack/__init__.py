"""Imports the export of a Slack workspace: channels become groups, threads become replies."""
