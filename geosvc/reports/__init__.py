"""What leaves the service for good: parts of snapshots, reports, files that open without it."""
