"""What layer files say; no data is touched here."""
