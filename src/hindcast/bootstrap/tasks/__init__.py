"""What runs in child processes, one task a file."""
