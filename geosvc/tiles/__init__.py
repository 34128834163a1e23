"""Features as arrays for the browser."""
