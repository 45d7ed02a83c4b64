"""Which answers go wrong: the orders that stand, and what was served of them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sandbox.faults import FAULTS
from sandbox.faults.fault import TRAIL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.faults.fault import Asked, Fault, Raw
    from sandbox.faults.orders import Order, Orders
    from sandbox.sites import Reply

_STEP = re.compile(rf"[?&]{TRAIL}([a-z_]+)=([0-9]{{1,6}})")


class Standing:
    """The orders that stand. A URL is remembered as a number of 64 bits."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._asked: Counter[int] = Counter()
        self._hits: Counter[tuple[int, str]] = Counter()  # (URL, entry; "" for all that share `per_url`)
        self._by_order: Counter[str] = Counter()
        self._by_fault: Counter[str] = Counter()

    def answer(self, asked: Asked) -> Reply | Raw | None:
        """What goes wrong with this request; None: nothing."""
        if steps := _STEP.findall(asked.target):
            name, step = steps[-1]
            asked.target = _STEP.sub("", asked.target)
            asked.step = int(step)
            return self._served(FAULTS[name], asked) if name in FAULTS else None
        url = int.from_bytes(blake2b(asked.url.encode(), digest_size=8).digest())
        self._asked[url] += 1
        for order in self._orders.orders:
            if not order.matches(asked.host, asked.target) or self._spent(order, url):
                continue
            hit, which = self._draws(order, url)
            if hit >= order.rate:
                continue
            for fault in _from(order.faults, which):
                if answer := self._served(fault, asked):
                    self._count(order, url)
                    return answer
        return None

    def as_json(self) -> dict[str, Any]:
        """As the control endpoint shows it."""
        orders = self._orders
        return {
            "spec": str(orders) if orders.orders else "",
            "seed": orders.seed,
            "per_url": orders.per_url,
            "entries": {order.entry: self._by_order[order.entry] for order in orders.orders},
            "served": dict(self._by_fault),
        }

    def _draws(self, order: Order, url: int) -> tuple[float, float]:
        """Two numbers of [0, 1): whether the order hits, and which of its faults. Other entries do not change them."""
        time = 0 if order.lasting else self._asked[url]
        digest = blake2b(f"{self._orders.seed}/{order.entry}/{url}/{time}".encode(), digest_size=16).digest()
        return int.from_bytes(digest[:8]) / 2**64, int.from_bytes(digest[8:]) / 2**64

    def _spent(self, order: Order, url: int) -> bool:
        if order.lasting:
            return False
        if order.times is not None:
            return self._hits[url, order.entry] >= order.times
        return self._hits[url, order.entry] >= 1 or self._hits[url, ""] >= self._orders.per_url

    def _count(self, order: Order, url: int) -> None:
        self._by_order[order.entry] += 1
        if order.lasting:
            return
        self._hits[url, order.entry] += 1
        if order.times is None:
            self._hits[url, ""] += 1

    def _served(self, fault: Fault, asked: Asked) -> Reply | Raw | None:
        answer = fault.answer(asked)
        if answer is None:
            return None
        self._by_fault[fault.name] += 1
        return replace(answer, template=f"(fault {fault.name})")


def _from(faults: Sequence[Fault], which: float) -> Sequence[Fault]:
    """All faults, beginning with the one drawn: the others come where it cannot befall the page."""
    first = int(which * len(faults))
    return [*faults[first:], *faults[:first]]
