"""Child processes: where code runs that we did not write."""
