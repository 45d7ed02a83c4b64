"""Answers that go wrong on demand: ``python -m sandbox --faults SPEC``.

    fault.py         what a fault is
    statuses.py  connections.py  encodings.py  redirects.py  contents.py  lists.py     the faults, by kind
    orders.py        the language of SPEC
    standing.py      which answer goes wrong: by URL, by rate and by seed
    wire.py          how bytes that are no HTTP leave an HTTP server

SPEC is a list of entries, separated by commas or semicolons:

    status_503                      every page answers 503 once, then as it should
    status_503:0.1                  one request in ten does; a page at most once
    gzip_cut@/i/likes:0.05:x3       one in twenty to URLs that begin so (path and query); a page at most three times
    hang@sketchfab.com/i/           the host may be named too
    status_401:xall                 every request, for ever
    status_404@/v3/models/:0.01     a lasting fault belongs to a URL: one URL in a hundred has it, always
    all:0.02                        one request in fifty meets any fault that asking again mends
    seed=7                          another seed, other requests (default: the seed of the world)
    per_url=3                       how often a page fails in all, entries with their own xN aside (default 2)

A status may be written as its number: ``503:0.1``. The first entry that hits decides. What hits depends on the seed,
the URL and how often it was asked, so it is the same in every run. ``/robots.txt`` fails only where it is named; only
GET fails. A fault that a page cannot have (HTML without its end, on JSON) leaves it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.faults.connections import CONNECTIONS
from sandbox.faults.contents import CONTENTS
from sandbox.faults.encodings import ENCODINGS
from sandbox.faults.fault import Asked, Raw
from sandbox.faults.lists import LISTS
from sandbox.faults.redirects import REDIRECTS
from sandbox.faults.statuses import STATUSES

if TYPE_CHECKING:
    from sandbox.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (*STATUSES, *CONNECTIONS, *ENCODINGS, *REDIRECTS, *CONTENTS, *LISTS)
}
"""Every fault by its name."""

__all__ = ["FAULTS", "Asked", "Raw"]
