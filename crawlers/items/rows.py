"""The rows of one page: what a page function returns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from crawlers.items.item import Item

I = TypeVar("I", bound=Item)  # noqa: E741  (the usual letter of an item)
Node = Any
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a row could not be kept: the field and the kind of error, never the value."""

    field: str
    error: str


class Rows(Generic[I]):
    """Rows of type `table` on one page: `nodes`, each read by `read` into a dict of the type's fields.

    `items` are the valid ones in page order, `seen` counts all. The page is validated in one call; only when that fails
    is it read row by row, and the rows that fail alone stand in `invalid`; `unreadable` says that all of them did.
    `read` may raise LookupError, TypeError, ValueError or AttributeError for a node it cannot read: that row is
    invalid, the page goes on.
    """

    def __init__(self, table: type[I], nodes: Iterable[Node], read: Callable[[Node], Mapping[str, Any]]) -> None:
        self.table = table
        self.invalid: list[Invalid] = []
        raw = [row for node in nodes if (row := self._read_alone(node, read)) is not None]
        try:
            self.items: list[I] = table.page_adapter().validate_python(raw)
        except ValidationError:
            self.items = [item for row in raw if (item := self._validate_alone(row)) is not None]
        self.seen = len(self.items) + len(self.invalid)
        self.unreadable = not self.items and bool(self.invalid)

    def _read_alone(self, node: Node, read: Callable[[Node], Mapping[str, Any]]) -> Mapping[str, Any] | None:
        try:
            row = read(node)
            if row is None:
                raise TypeError("a reader must give a mapping")  # noqa: TRY301  (None says that a row was set aside)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self.invalid.append(Invalid(field=_missing(error), error=type(error).__name__))
            return None
        return row

    def _validate_alone(self, row: Mapping[str, Any]) -> I | None:
        try:
            return self.table.model_validate(row)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False, include_url=False)[0]
            # The location may end in a key of the page's own; only a field we declared is safe to name.
            field = str(first["loc"][0]) if first["loc"] else "(row)"
            known = field in self.table.model_fields or not first["loc"]
            self.invalid.append(Invalid(field=field if known else "(unknown field)", error=first["type"]))
            return None

    def where(self, keep: Callable[[I], bool]) -> Rows[I]:
        """The same rows without those `keep` refuses; refused rows are not part of the dataset and not counted."""
        kept = copy(self)
        kept.items = [item for item in self.items if keep(item)]
        kept.seen = len(kept.items) + len(self.invalid)
        return kept

    def __getitem__(self, place: int) -> I:
        # Not __iter__: Scrapy takes a callback that returns an iterable to return its elements, and the rows that
        # could not be read would be lost without a trace. This way of iterating it does not see.
        return self.items[place]

    if TYPE_CHECKING:  # type checkers do not know that way

        def __iter__(self) -> Iterator[I]: ...

    def __len__(self) -> int:
        return len(self.items)


def _missing(error: Exception) -> str:
    """The name that a reader looked up in vain, if it looks like one: a value of the page must not be named."""
    name = error.args[0] if isinstance(error, KeyError) and error.args else None
    return name if isinstance(name, str) and name.isascii() and name.isidentifier() else "(row)"
