"""A sandbox whose faults a test orders, and what comes over the wire."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from tests.sandbox.test_sandbox_server import API, Running

FIRST = "/v3/search?count=24&type=models"
SECOND = f"{FIRST}&cursor=24"
LAST = f"{FIRST}&cursor=96"
WHOLE = 10.0  # seconds; far longer than any whole answer takes
GZIP = "Accept-Encoding: gzip, deflate\r\n"


@dataclass
class Wire:
    """All that came over the wire, and how it ended: ``closed``, ``reset`` or ``open``."""

    received: bytes
    end: str
    seconds: float

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.received.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.received.partition(b"\r\n\r\n")[2]

    def json(self) -> Any:
        return json.loads(self.body)

    def is_whole(self) -> bool:
        return len(self.body) == int(self.headers["content-length"])


@dataclass
class Faulty:
    """A sandbox whose faults the tests order."""

    running: Running

    def order(self, spec: str) -> None:
        answer = self.running.get("any", "/_sandbox/faults", method="POST", body={"spec": spec})
        assert answer.status == 200, answer.body

    def served(self) -> dict[str, int]:
        served: dict[str, int] = self.running.get("any", "/_sandbox/faults").json()["served"]
        return served

    def ask(self, target: str, *, patience_s: float = WHOLE, headers: str = "", most: int = 2**30) -> Wire:
        """GET over a socket of its own, until the server ends it, `patience_s` passes or `most` bytes have come."""
        begin = time.monotonic()
        received = bytearray()
        end = "closed"
        with socket.create_connection(("127.0.0.1", self.running.port), timeout=patience_s) as connection:
            asking = f"GET {target} HTTP/1.1\r\nHost: {API}\r\nConnection: close\r\n{headers}\r\n"
            connection.sendall(asking.encode())
            try:
                while len(received) < most:
                    connection.settimeout(max(0.01, begin + patience_s - time.monotonic()))
                    if not (part := connection.recv(2**16)):
                        break
                    received += part
                else:
                    end = "open"
            except ConnectionResetError:
                end = "reset"
            except TimeoutError:
                end = "open"
        return Wire(bytes(received), end, time.monotonic() - begin)
