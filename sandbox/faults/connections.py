"""Answers that break on the wire: cut, reset, slow, endless, or no HTTP at all."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING

from sandbox.faults.fault import Asked, Fault, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sites import Reply

KIND = "Connections"
HANG_S = 600.0  # longer than any client's patience; a client that leaves ends it at once
SLOW_S = 2.0
LORIS_PAUSE_S = 0.5  # a byte each: 2 bytes a second
FLUSH_S = 0.05  # a reset overtakes what the client has not read yet
HEADER_BYTES = 70_000
HUGE_BYTES = 100 * 2**20
CHUNK = b" " * 2**16


def length_too_long(asked: Asked) -> Raw:
    """Content-Length says 1,000 bytes more than the body has; then the connection is closed."""
    reply = asked.normal()
    return Raw((_head(reply, f"Content-Length: {len(reply.body) + 1000}"), reply.body), reply.status)


def length_too_short(asked: Asked) -> Raw | None:
    """Content-Length says half the body's size: what follows it is lost to the client."""
    reply = asked.normal()
    half = len(reply.body) // 2
    return Raw((_head(reply, f"Content-Length: {half}"), reply.body), reply.status) if half else None


def chunked_cut(asked: Asked) -> Raw | None:
    """A chunked body that ends after its first half, without the last chunk."""
    reply = asked.normal()
    half = _first_half(reply)
    chunk = b"%x\r\n%b\r\n" % (len(half), half)
    return Raw((_head(reply, "Transfer-Encoding: chunked"), chunk), reply.status) if half else None


def closed_in_body(asked: Asked) -> Raw | None:
    """No length at all, and the connection is closed in mid-body: nothing in HTTP says that half is missing."""
    reply = asked.normal()
    half = _first_half(reply)
    return Raw((_head(reply), half), reply.status) if half else None


def reset_before_answer(_asked: Asked) -> Raw:
    """The connection is reset instead of an answer."""
    return Raw((), reset=True)


def reset_in_body(asked: Asked) -> Raw | None:
    """The connection is reset after the first half of the body."""
    reply = asked.normal()
    half = _first_half(reply)
    return (
        Raw((_head(reply, f"Content-Length: {len(reply.body)}"), half, FLUSH_S), reply.status, reset=True)
        if half
        else None
    )


def garbage(_asked: Asked) -> Raw:
    """600 bytes that are not HTTP, then the connection is closed."""
    return Raw((b"\x16\x03\xff\x00<?garbage\r\n" + bytes(range(256)) * 2 + b"\r\n\r\n" + b"\x00" * 69,))


def long_header(asked: Asked) -> Raw:
    """The page with a header of 70 kB, more than clients take."""
    reply = asked.normal()
    lines = (f"X-Padding: {'p' * HEADER_BYTES}", f"Content-Length: {len(reply.body)}")
    return Raw((_head(reply, *lines), reply.body), reply.status)


def hang(_asked: Asked) -> Raw:
    """Nothing comes, for ten minutes, and the connection stays open."""
    return Raw((HANG_S,))


def slow_loris(asked: Asked) -> Raw:
    """The page at 2 bytes a second."""
    reply = asked.normal()
    drip: Iterator[bytes | float] = chain.from_iterable((bytes((byte,)), LORIS_PAUSE_S) for byte in reply.body)
    return Raw(chain((_head(reply, f"Content-Length: {len(reply.body)}"),), drip), reply.status)


def slow_answer(asked: Asked) -> Raw:
    """The page, after 2 seconds."""
    reply = asked.normal()
    return Raw((SLOW_S, _head(reply, f"Content-Length: {len(reply.body)}"), reply.body), reply.status)


def huge_body(asked: Asked) -> Raw:
    """A body of 100 MiB that Content-Length announces."""
    return Raw(chain((_head(asked.normal(), f"Content-Length: {HUGE_BYTES}"),), _huge()), 200)


def huge_body_unannounced(asked: Asked) -> Raw:
    """A body of 100 MiB without Content-Length."""
    return Raw(chain((_head(asked.normal()),), _huge()), 200)


def _head(reply: Reply, *lines: str) -> bytes:
    """Status line and headers of `reply` and `lines`; no length of its own, and the connection closes."""
    status = f"HTTP/1.1 {reply.status} {'OK' if reply.status == 200 else 'Other'}"
    headers = {"Content-Type": reply.content_type, **reply.headers, "Connection": "close"}
    all_lines = (status, *(f"{name}: {value}" for name, value in headers.items()), *lines)
    return "\r\n".join(all_lines).encode() + b"\r\n\r\n"


def _first_half(reply: Reply) -> bytes:
    return reply.body[: len(reply.body) // 2]


def _huge() -> Iterator[bytes]:
    return repeat(CHUNK, HUGE_BYTES // len(CHUNK))


CONNECTIONS = [
    *(
        Fault.of(answer, KIND)
        for answer in (
            length_too_long, length_too_short, chunked_cut, closed_in_body, reset_before_answer, reset_in_body,
            garbage, long_header, hang, slow_loris, slow_answer,
        )
    ),
    *(Fault.of(answer, KIND, heals=False) for answer in (huge_body, huge_body_unannounced)),
]  # fmt: skip
