"""Calculates the monthly cost on AWS from measured usage, dated prices and assumptions."""
