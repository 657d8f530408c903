"""Imports the dump of a Stack Exchange site into a forum: questions become posts, answers become
comments on them, and comments become replies to either.
"""
