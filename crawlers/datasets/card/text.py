"""A dataset card as Markdown: what a reader should know before opening a table, with the figures of these tables."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from typing import Any

from crawlers.datasets.card.facts import SiteFacts
from crawlers.datasets.card.personal import personal_data
from crawlers.datasets.card.tables import columns, markdown_table
from crawlers.datasets.records import Run, brief
from crawlers.items import arrow_schema

SHOWN_RUNS = 10


def card(facts: SiteFacts) -> str:
    """The whole card. It holds counts, times, pseudonyms at most, and no example of a row."""
    sections = (_front_matter, _head, _tables, _collection, _conduct, _coverage, personal_data, columns)
    return "\n".join(line for section in sections for line in section(facts))


def _front_matter(facts: SiteFacts) -> Iterator[str]:
    """What Hugging Face reads: a configuration for each table that it can open, which are those with rows."""
    yield "---"
    yield f"pretty_name: {json.dumps(facts.about.title, ensure_ascii=False)}"
    yield "license: other"
    yield "tags: [personal-data, pseudonymised]"
    for place, name in enumerate(table.info.table.table() for table in facts.opening):
        if not place:
            yield "configs:"
        yield f"- config_name: {name}"
        yield f"  data_files: {name}/{name}.parquet"
        if not place:
            yield "  default: true"
    yield "---\n"


def _head(facts: SiteFacts) -> Iterator[str]:
    yield f"# {facts.about.title}\n"
    yield f"<!-- Written with the tables, by a crawl or `scrapy publish {facts.site}`, which replace it. -->\n"
    yield from _origin(facts)
    yield f"{facts.about.summary} The site: <{facts.about.homepage}>.\n"


def _origin(facts: SiteFacts) -> Iterator[str]:
    """Where the rows really come from, if that is not, or not for certain, the site."""
    by_crawl = facts.by_crawl
    worlds = {run.crawl_id: run.sandbox for run in facts.runs}
    total = by_crawl.total()
    invented = sum(rows for crawl, rows in by_crawl.items() if (world := worlds.get(crawl)) and world.invented)
    loaded = sum(rows for crawl, rows in by_crawl.items() if (world := worlds.get(crawl)) and not world.invented)
    unknown = sum(rows for crawl, rows in by_crawl.items() if crawl not in worlds)
    served = sorted({
        f"{world.description}, seed {world.seed}, size {world.size:,}"
        for crawl in by_crawl
        if (world := worlds.get(crawl))
    })  # fmt: skip
    title = facts.about.title
    if invented and invented == total:
        yield (
            f"> **The people in these tables are invented.** Nothing here comes from {title}: the rows were crawled "
            f"from a sandbox on the same machine, which served an invented world ({'; '.join(served)}). The rest of "
            "this card speaks as it would of real rows.\n"
        )
    elif loaded and loaded == total:
        yield (
            f"> **These rows were not collected from {title}.** They were crawled from a sandbox on the same machine, "
            f"which served a dataset ({'; '.join(served)}). The people in it may exist.\n"
        )
    elif invented or loaded:
        yield (
            f"> **Not all of these rows come from {title}.** A sandbox on the same machine served {invented:,} rows of "
            f"an invented world and {loaded:,} rows of a dataset whose people may exist ({'; '.join(served)}).\n"
        )
    if unknown:
        yield (
            f"> {unknown:,} rows come from crawls that left no record in `_runs`: they were still running when this "
            "was written, or had been killed. Where those rows come from is not known here.\n"
        )


def _tables(facts: SiteFacts) -> Iterator[str]:
    yield "## Tables\n"
    yield from markdown_table(
        ["table", "one row is", "key", "rows", "people", "bytes"],
        (
            [
                f"`{table.info.dataset}`",
                _first_sentence(arrow_schema(table.info.table).metadata[b"description"].decode()),
                ", ".join(f"`{name}`" for name in table.info.key),
                f"{table.info.rows:,}",
                "" if table.people is None else f"{table.people:,}",
                f"{table.info.bytes:,}",
            ]
            for table in facts.tables
        ),
        numbers=3,
    )
    yield "Rows are unique by their key and sorted by it. `people` counts the different people in the key.\n"
    yield from _opening([table.info.table.table() for table in facts.opening], facts.site)


def _opening(names: Sequence[str], site: str) -> Iterator[str]:
    """How to open the tables of these names, the main one first."""
    if names:
        yield "```python"
        yield "from datasets import load_dataset  # Hugging Face; the path is that of this folder\n"
        yield f'load_dataset("{site}")  # {names[0]}'
        yield from (f'load_dataset("{site}", "{name}")' for name in names[1:])
        yield "\nimport pandas as pd\n"
        yield f'pd.read_parquet("{site}/{names[0]}")'
        yield "```\n"


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def _collection(facts: SiteFacts) -> Iterator[str]:
    yield "## How it was collected\n"
    yield f"{facts.about.sources}\n"
    times = [time for table in facts.tables if table.fetched for time in table.fetched]
    if times:
        yield f"The rows were fetched between {_time(min(times))} and {_time(max(times))} (UTC).\n"
    by_crawl, shown = facts.by_crawl, facts.runs[:SHOWN_RUNS]
    if shown:
        versions = sorted({run.versions["crawlers"] for run in facts.runs if "crawlers" in run.versions})
        yield f"Crawled by `crawlers` {', '.join(versions)} with these arguments:\n"
        yield from (f"- `{run.crawl_id}`: {_arguments(run)}" for run in shown)
        yield ""
        yield from markdown_table(
            ["crawl", "ended (UTC)", "finish reason", "requests done", "failed", "left", "rows here"],
            (
                [
                    f"`{run.crawl_id}`",
                    _time(run.finished_at),
                    f"`{run.finish_reason}`",
                    f"{run.requests.done:,}",
                    f"{run.requests.failed:,}",
                    f"{run.requests.pending:,}",
                    f"{by_crawl[run.crawl_id]:,}",
                ]
                for run in shown
            ),
            numbers=4,
        )
        yield (
            "The name of a crawl says when it began (UTC). `finished`: it made all its requests, but for those that "
            "`failed`; any other reason ended it with so many `left`. `rows here`: it was the last to fetch them.\n"
        )
    if older := facts.runs[SHOWN_RUNS:]:
        rows = sum(by_crawl[run.crawl_id] for run in older)
        yield f"Older crawls: {len(older):,}, with {rows:,} rows here. Each crawl has a record in `_runs`.\n"


def _arguments(run: Run) -> str:
    return ", ".join(f"`{name}={_shown(value)}`" for name, value in run.arguments.items()) or "none"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(brief(value), ensure_ascii=False)
    return " ".join(text.replace("`", "'").split())


def _time(time: dt.datetime | None) -> str:
    return "" if time is None else f"{time.astimezone(dt.UTC):%Y-%m-%d %H:%M}"


def _conduct(facts: SiteFacts) -> Iterator[str]:
    yield "## Robots and terms\n"
    yield f"{facts.about.robots}\n"
    if ignored := [run.crawl_id for run in facts.runs if run.robots_obeyed is False]:
        share = f"{len(ignored):,} of the {len(facts.runs):,} crawls on record"
        yield f"robots.txt was **not** obeyed by {share}: {_names(ignored)}.\n"
    elif facts.runs:
        yield "robots.txt was obeyed by every crawl on record.\n"
    yield f"{facts.about.terms}\n"


def _names(crawls: Sequence[str]) -> str:
    return ", ".join(f"`{crawl}`" for crawl in crawls[:SHOWN_RUNS]) + (", ..." if len(crawls) > SHOWN_RUNS else "")


def _coverage(facts: SiteFacts) -> Iterator[str]:
    yield "## Coverage\n"
    yield f"{facts.about.gaps}\n"
    yield from _stated_by_rows(facts)
    shown = facts.runs[:SHOWN_RUNS]
    yield from _stated_by_lists(shown)
    if losses := [line for run in shown for line in _losses(run)]:
        yield from losses
        yield ""


def _stated_by_rows(facts: SiteFacts) -> Iterator[str]:
    """What rows of one table state of another, over all crawls."""
    for table in facts.tables:
        for found in table.stated:
            here = f"{found.received:,} are here"
            if found.stated:
                here += f" and {found.missing:,} ({found.missing / found.stated:.1%}) are missing"
            yield (
                f"By `{found.column}`, {found.rows:,} rows of `{table.info.dataset}` state {found.stated:,} rows of "
                f"`{found.of}`; of these {here}.\n"
            )


def _stated_by_lists(shown: Sequence[Run]) -> Iterator[str]:
    rows = [
        [
            f"`{run.crawl_id}`",
            f"`{dataset}`",
            *(f"{number:,}" for number in (met.lists, met.stated, met.stated - met.missing, met.missing)),
            *(f"{number:,}" for number in (met.stored, met.duplicate, met.invalid, met.forgotten)),
        ]
        for run in shown
        for dataset, met in run.tables.items()
        if met.seen or met.lists
    ]
    if rows:
        names = ["lists", "stated", "received", "missing", "stored", "duplicate", "invalid", "forgotten"]
        yield from markdown_table(["crawl", "table", *names], rows, numbers=len(names))
        yield (
            "`lists` were read to their end: the site `stated` so many rows in them, and so many were `received` or "
            "`missing`, for the site counts what it does not show. Of all rows met, `stored` ones were kept; "
            "`duplicate` ones had been met before, `invalid` ones could not be read, and `forgotten` ones name people "
            "who were erased.\n"
        )


def _losses(run: Run) -> Iterator[str]:
    """Why a crawl has less than there was."""
    requests = run.requests
    if requests.failed:
        why = ", ".join(f"{name} {count:,}" for name, count in requests.failures.most_common())
        yield (
            f"- `{run.crawl_id}`: {requests.failed:,} requests failed and were given up ({why}). What stands on those "
            "pages is missing, and lists that lead over them do not count as read to their end."
        )
    if requests.pending:
        yield (
            f"- `{run.crawl_id}`: ended as `{run.finish_reason}` with {requests.pending:,} requests left. What they "
            "would have brought is missing."
        )
    for gap in run.gaps:
        yield f"- `{run.crawl_id}`: rows of `{gap.dataset}` that no list of the site shows may be missing: {gap.what}."
    if gone := run.pages.get("gone", 0):
        yield f"- `{run.crawl_id}`: {gone:,} pages said that what they were asked for is gone or private."
