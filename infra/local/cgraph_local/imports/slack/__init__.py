"""A Slack workspace, from the zip file of its export: channels become groups, threads replies."""
