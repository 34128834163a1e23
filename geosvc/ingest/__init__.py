"""Files as received become clean frames and a list of issues."""
