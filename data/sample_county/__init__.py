"""Make the sample county: an invented place in the open sea, the same bytes on every run."""
