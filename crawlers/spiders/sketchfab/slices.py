"""The parts in which a list of models is read that ends before its models do.

A search shows only so many models of what it finds (10,000 is common), and says neither that it stopped nor how many
there are. So a list that ends too soon is read once more in parts, each a list of its own: by numbers of faces, in
ranges that are halved until each is whole; and by category, because what was never processed has no faces to count. A
model is in no part only if it has neither faces nor a category, or is one of very many with the same number of faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import NamedTuple

from crawlers.pages import sketchfab as pages

MOST_FACES = 1 << 30
"""Models with more are all in the uppermost range."""
SHALLOWEST = 240
"""No search is known to end after fewer models."""


class Slice(NamedTuple):
    """A part of all models. `least` and `most` faces, None where it has no such bound; `category` None: of any or none.

    As JSON, in the arguments of a callback, it is a list of the three.
    """

    category: str | None = None
    least: int | None = None
    most: int | None = None

    def url(self) -> str:
        """The first page of its list."""
        return pages.list_url(category=self.category, faces=(self.least, self.most))

    @property
    def is_counted(self) -> bool:
        """Whether only models are in it whose faces are counted."""
        return self.least is not None

    def halves(self) -> list[Slice]:
        """The two ranges of faces, without what has none to count; none where all have the same number.

        They meet in the middle of the orders of magnitude: most models have thousands of faces, some have millions.
        """
        least, most = self.least or 0, MOST_FACES if self.most is None else self.most
        if least >= most:
            return []
        middle = isqrt((least + 1) * (most + 1)) - 1
        return [self._replace(least=least, most=middle), self._replace(least=middle + 1, most=self.most)]

    def by_category(self, slugs: Sequence[str]) -> list[Slice]:
        """The same range, category by category. One that is named twice comes once: read again it looks like a loop."""
        return [self._replace(category=slug) for slug in dict.fromkeys(slugs)]

    def beyond(self, like_count: int) -> str:
        """In words, what no other part shows of a list that ended at a model with `like_count` likes."""
        category = f"of the category {self.category}" if self.category else "without a category"
        faces = f"with {self.least} faces" if self.is_counted else "whose faces are not counted"
        return f"models {category}, {faces} and at most {like_count} likes"

    def __str__(self) -> str:
        category = f"of the category {self.category}" if self.category else "of all categories"
        if not self.is_counted:
            return f"models {category}"
        most = "any number of" if self.most is None else f"{self.most:,}"
        return f"models {category} with {self.least:,} to {most} faces"


WHOLE = Slice()
"""All models."""


def ends_too_soon(read: int, known_depth: int | None) -> bool:
    """Whether a list that ended after `read` models, before it came to one that is not wanted, was cut off there.

    Once a list was cut off, all that end there are. Before, a round number tells: 24 models make a page, and limits are
    set in hundreds. A whole list of just so many models is taken for one that was cut off, which costs requests only.
    """
    if known_depth is not None:
        return read >= known_depth
    return read >= SHALLOWEST and (read % pages.PAGE_SIZE == 0 or read % 100 == 0)
