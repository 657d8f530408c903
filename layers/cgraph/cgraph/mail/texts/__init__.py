"""The texts of mails and push messages: one module for each language, named by its code.

A translation is a copy of `en.py`. A text has `{names}` of its values; one that depends on a number
is a pair, for one and for all others. What a language leaves out is written in English.
"""
