"""What others do for the same pages: each a program of its own, run against the same sandbox."""
