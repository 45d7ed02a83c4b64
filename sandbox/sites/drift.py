"""Lists that move while they are read: a model overtakes others across the end of the page just served.

The one that jumps comes from the unread part and lands in the part already read, so a reader who goes on misses it, and
finds the last row of the page just read once more at the top of the next: a jump always shows as a repeated row. Counts
and like lists stay as they are; only places change, as on a site whose search index lags behind. Jumps are planned when
the list is made, each happens once, so a list that is read again and again comes to rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 24
SHARE = 8  # a jump at one page end in this many while the list is read first
LATER = 4  # and a quarter as many more when it is read again
REACH = 12  # places before or after the page end that a jump spans
THRESHOLD = 5  # likes; nobody overtakes across it: the crawls' usual `min_likes`


@dataclass(slots=True)
class View:
    """A list as it stands now. `order`: places in the world's models; `plan`: page number -> first pass of the jump."""

    order: list[int]
    plan: dict[int, int] = field(default_factory=dict)
    passes: int = 0
    asked: set[int] = field(default_factory=set)
    jumps: int = 0


class Drift:
    """Plans and makes the jumps of all lists of a world; the same ones for a reader who asks for one page at a time."""

    def __init__(self, seed: int, like_counts: Sequence[int]) -> None:
        self._seed = seed
        self._counts = like_counts
        self._rng = Random(f"{seed}/jumps")

    def view(self, name: str, order: list[int]) -> View:
        """A list that drifts: about one jump per eight page ends, on either side of the threshold."""
        rng = Random(f"{self._seed}/drift/{name}")
        ends = range(1, (len(order) - 1) // PAGE + 1)
        above = [end for end in ends if self._counts[order[end * PAGE]] >= THRESHOLD]
        below = [end for end in ends if self._counts[order[end * PAGE]] < THRESHOLD]
        plan: dict[int, int] = {}
        for pages in (above, below):
            first = rng.sample(pages, -(-len(pages) // SHARE))
            rest = [page for page in pages if page not in first]
            plan.update(dict.fromkeys(first, 1))
            plan.update(dict.fromkeys(rng.sample(rest, min(len(rest), -(-len(first) // LATER))), 2))
        return View(order, plan)

    def served(self, view: View, start: int, end: int) -> None:
        """Rows `start` to `end` were just served: let the list move, if it is to move here. A page asked for again in
        the same pass moves nothing; a pass begins where the list begins."""
        if start == 0:
            view.passes += 1
            view.asked.clear()
        if start in view.asked or not start < end < len(view.order):
            return
        view.asked.add(start)
        for page in range(start // PAGE + 1, end // PAGE + 1):
            if view.plan.get(page, view.passes + 1) <= view.passes:
                del view.plan[page]
                self._jump(view, end)
                return

    def _jump(self, view: View, end: int) -> None:
        order = view.order
        to = end - 1 - self._rng.randrange(min(REACH, end))
        source = end + self._rng.randrange(min(REACH, len(order) - end))
        while len({self._counts[model] >= THRESHOLD for model in order[to : source + 1]}) > 1:
            if to == end - 1 and source == end:
                return
            to = min(to + 1, end - 1)
            source = max(source - 1, end)
        order.insert(to, order.pop(source))
        view.jumps += 1
