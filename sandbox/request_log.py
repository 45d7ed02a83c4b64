"""What was asked of the replicas: counters for all of it, and the last 20,000 requests."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

LAST = 1000  # that are shown
KEPT = 20_000
MAX_AGENTS = 100


@dataclass(slots=True)
class RequestLog:
    """Counts requests. The control endpoint is not counted."""

    total: int = 0
    by_path: Counter[str] = field(default_factory=Counter)
    """``<host><path template>`` -> requests."""
    by_status: Counter[int] = field(default_factory=Counter)
    running: int = 0
    max_concurrent: int = 0
    user_agents: Counter[str] = field(default_factory=Counter)
    last: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def begin(self, user_agent: str) -> None:
        """A request has arrived."""
        self.running += 1
        self.max_concurrent = max(self.max_concurrent, self.running)
        if user_agent in self.user_agents or len(self.user_agents) < MAX_AGENTS:
            self.user_agents[user_agent] += 1

    def end(self, host: str, template: str, url: str, status: int, **more: Any) -> None:
        """Its answer is ready. `url` is path and query as asked; `more` stands in the list of the last requests."""
        self.running -= 1
        self.total += 1
        self.by_path[host + template] += 1
        self.by_status[status] += 1
        self.last.append({"at": time.time(), "host": host, "template": template, "url": url, "status": status, **more})

    def as_json(self, last: int = LAST) -> dict[str, Any]:
        """As the control endpoint shows it; `at` in seconds since 1970, when the answer was ready."""
        return {
            "total": self.total,
            "by_path": dict(self.by_path),
            "by_status": {str(status): count for status, count in self.by_status.items()},
            "max_concurrent": self.max_concurrent,
            "user_agents": list(self.user_agents),
            "last": list(self.last)[-last:],
        }
