"""gzip for the clients that take it, as all the real sites do."""

from __future__ import annotations

import zlib

SMALLEST_BYTES = 1024  # smaller bodies are sent as they are
_FASTEST = 1
_GZIP = 31  # zlib's window size for gzip headers and trailer


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a header Accept-Encoding names gzip and does not refuse it."""
    for coding in accept_encoding.lower().split(","):
        name, _, weight = coding.partition(";")
        if name.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def gzipped(body: bytes) -> bytes:
    """The same bytes for the same body: the header holds no time."""
    return zlib.compress(body, _FASTEST, _GZIP)
