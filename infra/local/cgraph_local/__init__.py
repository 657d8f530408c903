"""The local cloud: runs template.yaml on this machine with real parts."""
