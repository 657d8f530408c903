"""Files that people upload: how they come, what they are, who uses them."""
