"""A Stack Exchange site, from the XML files of its dump: questions become posts, answers comments
on them, comments on either become comments below it.
"""
