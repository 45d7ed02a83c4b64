"""The 16 bytes under which a store knows that something was seen."""

from __future__ import annotations

from hashlib import blake2b

from crawlers.items import Batch


def mark_key(name: str) -> bytes:
    """The key of a name that a page had remembered."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16, person=b"remember").digest()


def request_key(fingerprint: bytes) -> bytes:
    """The key under which a request counts as seen."""
    return fingerprint[:16]


def start_key(batch: Batch) -> bytes:
    """The key of what `start()` yields besides requests: its content, since no request stands for it."""
    rows = [(table.dataset, [sorted(row.items()) for row in rows]) for table, rows in batch.rows.items()]
    text = repr((rows, list(batch.invalid.values()), batch.facts))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=b"start rows").digest()
