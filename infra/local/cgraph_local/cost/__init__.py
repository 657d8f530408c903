"""What CGraph costs a month on AWS: measured usage, dated prices, stated assumptions."""
