"""Bytes that tell whether they are still what was written: SQLite notices damage to its pages' order, not to values."""

from __future__ import annotations

import zlib

from crawlers.errors import DamagedRecord

_LENGTH = 4


def with_checksum(content: bytes) -> bytes:
    """The content behind its CRC-32."""
    return zlib.crc32(content).to_bytes(_LENGTH, "big") + content


def without_checksum(stored: bytes) -> bytes:
    """The content. Raises: DamagedRecord: it is not what was stored."""
    content = stored[_LENGTH:]
    if zlib.crc32(content).to_bytes(_LENGTH, "big") != stored[:_LENGTH]:
        raise DamagedRecord("reading a job's store: a record is not what was written; the disk may be bad")
    return content
