"""Identifiers out, pseudonyms in: after this step no row holds a raw id, a name or an unscrubbed text.

Rows of people who were forgotten leave here, too: here is where it first shows whose they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Protocol, Self, get_args, get_origin

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawlers.errors import ConfigurationError, TypeDefinitionError
from crawlers.items import Batch, FreeText, Handle, Item, Pseudonymize, Remember, Row
from crawlers.items.item import optional
from crawlers.pipelines.scrub import Mention, is_plain, nobody, readable, scrub
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey


class Anonymized(NamedTuple):
    """What was done to some rows: identifiers replaced, texts in which something was found, and rows dropped."""

    pseudonyms: int
    texts_scrubbed: int
    forgotten: int
    names: dict[str, str]
    """The names in these rows that are to be remembered, and whose pseudonyms they stand for."""


class Memory(Protocol):
    """The part of a job's store that is needed here."""

    def recall(self, name: str, default: Any = None) -> Any: ...


MOST_NAMES = 200_000  # remembered, about 200 bytes each; of more people the first


class AnonymizePipeline:
    """Pseudonymises and scrubs the rows of every batch. Without a key there is no crawl.

    Names that are to be remembered are kept with the page, as what a spider yields as `Remember`.

    Stats: `anonymize/pseudonyms` (identifiers replaced), `anonymize/texts_scrubbed` (texts the scrubber changed),
    `rows/forgotten/<table>` (rows dropped because they hold a pseudonym among `forgotten`).
    """

    def __init__(
        self,
        pseudonymizer: Pseudonymizer,
        stats: StatsCollector,
        forgotten: frozenset[str] = frozenset(),
        memory: Memory | None = None,
    ) -> None:
        self._memory = memory
        self.pseudonymizer = pseudonymizer
        self.stats = stats
        self.forgotten = forgotten

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        from crawlers.addon import CrawlersAddon, running_job  # noqa: PLC0415  (the addon configures the pipelines)

        key = getattr(crawler.get_addon(CrawlersAddon), "key", None)
        # Not NotConfigured: that would switch the step off, and the crawl would publish raw names.
        if not isinstance(key, PseudonymKey):
            raise ConfigurationError(
                "no pseudonym key reached the anonymizer; keep 'crawlers.addon.CrawlersAddon' in the setting ADDONS, "
                "and run `scrapy keygen` if there is no key yet"
            )
        job = running_job(crawler)
        return cls(Pseudonymizer(key), crawler.stats, job.forgotten, job.store)

    async def process_item(self, item: Batch) -> Batch:
        """Raises: TypeError: a callback's output came past the batch middleware; its type is named, nothing of it."""
        if not isinstance(item, Batch):
            raise TypeError(f"the pipelines take a Batch, and got a {type(item).__name__}")
        pseudonyms = texts = 0
        for table, rows in item.rows.items():
            done = anonymize_rows(table, rows, self.pseudonymizer, self.forgotten, self._known)
            self._remember(item, done.names)
            pseudonyms += done.pseudonyms
            texts += done.texts_scrubbed
            if done.forgotten:
                item.forgotten[table] += done.forgotten
                self.stats.inc_value(f"rows/forgotten/{table.dataset}", done.forgotten)
        item.pseudonymized = True
        if pseudonyms:
            self.stats.inc_value("anonymize/pseudonyms", pseudonyms)
        if texts:
            self.stats.inc_value("anonymize/texts_scrubbed", texts)
        return item

    def _known(self, name: str) -> str | None:
        """The pseudonym of whoever a remembered name belongs to. Nobody among the forgotten is known."""
        found = None if self._memory is None else self._memory.recall(f"name {name}")
        return None if found in self.forgotten else found

    def _remember(self, item: Batch, names: dict[str, str]) -> None:
        if self._memory is None:
            return
        kept = self._memory.recall("names", 0)
        new = {name: pseudonym for name, pseudonym in names.items() if self._memory.recall(f"name {name}") is None}
        if new and kept < MOST_NAMES:
            item.facts += [Remember(f"name {name}", pseudonym) for name, pseudonym in new.items()]
            item.facts.append(Remember("names", kept + len(new)))


def anonymize_rows(
    table: type[Item],
    rows: list[Row],
    pseudonymizer: Pseudonymizer,
    forgotten: frozenset[str] = frozenset(),
    known: Mention = nobody,
) -> Anonymized:
    """Change `rows` of `table` in place, as the markers of its fields say; a value that is None stays None.

    A row with a pseudonym among `forgotten` is dropped, and a mention of such a person is of somebody unknown. `known`:
    whom the names mean that other rows had.
    Raises: TypeDefinitionError: a marked field is not text.
    """
    pseudonyms = texts = 0
    steps = [(name, pseudonymizer.of(domain), many) for name, domain, many in _plan(table).identifiers]
    for name, pseudonym, many in steps:
        for row in rows:
            raw = row[name]
            if raw is None:
                continue
            if many:
                row[name] = [pseudonym(one) for one in raw]
                pseudonyms += len(raw)
            else:
                row[name] = pseudonym(raw)
                pseudonyms += 1
    dropped = _drop(rows, forgotten, _plan(table).identifiers) if forgotten else 0
    for text in _plan(table).texts:
        everybody = known if text.mentions is None else _remembered(pseudonymizer.of(text.mentions), forgotten)
        for row in rows:
            texts += _scrub_field(row, text, _plan(table).handles, everybody)
    remembered = _plan(table).remembered
    names = {name: one for row in rows for name, one in _own_names(row, remembered).items()} if remembered else {}
    for handle, _ in _plan(table).handles:
        for row in rows:
            del row[handle]
    return Anonymized(pseudonyms, texts, dropped, names)


def _drop(rows: list[Row], forgotten: frozenset[str], identifiers: list[tuple[str, str, bool]]) -> int:
    """Drop the rows with a pseudonym among `forgotten`; how many."""
    before = len(rows)
    for name, _, many in identifiers:
        if many:
            rows[:] = [row for row in rows if forgotten.isdisjoint(row[name] or ())]
        else:
            rows[:] = [row for row in rows if row[name] not in forgotten]
    return before - len(rows)


def _remembered(pseudonym: Callable[[str], str], forgotten: frozenset[str]) -> Mention:
    """The same function, except that nobody among `forgotten` has a pseudonym."""
    if not forgotten:
        return pseudonym

    def known(raw: str) -> str | None:
        found = pseudonym(raw)
        return None if found in forgotten else found

    return known


def _scrub_field(row: Row, text: _Text, handles: _Handles, everybody: Mention) -> int:
    """Scrub one field of a row whose identifiers are pseudonyms by now; returns how many texts changed."""
    value = row[text.name]
    if value is None or (not text.many and is_plain(value)):
        return 0
    own = _own_names(row, handles)

    def mention(name: str) -> str | None:
        name = _name(name)
        # Where ids are names, they are lower-case: an @Anna is the anna of the other tables.
        return own.get(name) or everybody(name)

    if not text.many:
        row[text.name] = scrub(value, mention)
        return int(row[text.name] != value)
    # A tag may be nothing but the name of whoever gave it.
    row[text.name] = [f"@{own[_name(one)]}" if _name(one) in own else scrub(one, mention) for one in value]
    return sum(before != after for before, after in zip(value, row[text.name], strict=True))


def _own_names(row: Row, handles: _Handles) -> dict[str, str]:
    """The names of the people of a row, and their pseudonyms."""
    return {_name(row[handle]): row[of] for handle, of in handles if row[handle] and isinstance(row[of], str)}


def _name(written: str) -> str:
    is_simple = written.isascii() and written.isprintable() and "&" not in written  # as most tags are
    return (written if is_simple else readable(written)).strip().removeprefix("@").lower()


class _Text(NamedTuple):
    name: str
    many: bool
    mentions: str | None
    """The domain of a mention's pseudonym."""


_Handles = tuple[tuple[str, str], ...]


class _Plan(NamedTuple):
    """The marked fields of a table."""

    identifiers: list[tuple[str, str, bool]]
    texts: list[_Text]
    handles: _Handles
    remembered: _Handles
    """Those of them whose names mean the same person in later rows."""


_PLANS: dict[type[Item], _Plan] = {}


def _plan(table: type[Item]) -> _Plan:
    if table not in _PLANS:
        site = table.site()
        if both := table.marked(Pseudonymize).keys() & table.marked(FreeText).keys():
            raise TypeDefinitionError(f"{table.__name__}: {sorted(both)} cannot be both an identifier and free text")
        _PLANS[table] = _Plan(
            identifiers=[
                (name, f"{site}.{marker.kind}", _is_list(table, name))
                for name, marker in table.marked(Pseudonymize).items()
            ],
            texts=[
                _Text(name, _is_list(table, name), marker.mentions and f"{site}.{marker.mentions}")
                for name, marker in table.marked(FreeText).items()
            ],
            handles=tuple((name, marker.of) for name, marker in table.marked(Handle).items()),
            remembered=tuple((name, marker.of) for name, marker in table.marked(Handle).items() if marker.remembered),
        )
    return _PLANS[table]


def _is_list(table: type[Item], name: str) -> bool:
    """Whether a marked field is list[str] rather than str."""
    bare, _ = optional(table.model_fields[name].annotation)
    if get_origin(bare) is Annotated:  # an id with a form of its own that may be missing
        bare = get_args(bare)[0]
    if bare is str:
        return False
    if get_origin(bare) is list:
        return True
    raise TypeDefinitionError(f"the marked field {name!r} of {table.__name__} is neither str nor list[str]")
