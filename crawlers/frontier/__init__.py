"""The durable queue: one SQLite file per job holds requests, what was seen, rows, state and failures."""
