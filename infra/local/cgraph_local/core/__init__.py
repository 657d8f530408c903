"""What every part of the local cloud uses and what knows none of them."""
