"""The reference of all tables as Markdown, made from the item types: `python -m crawlers.datasets.reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pyarrow as pa

from crawlers.items import Item, all_tables, arrow_schema

_HEAD = """# Datasets

Written by `make reference` from the item types in `crawlers/items`; do not edit it here.

A table is one Parquet file, `<output>/<site>/<table>/<table>.parquet`, with one row for each distinct key, sorted by
it. A value that the source does not give is null; an empty string or a 0 is what the source gave. Times are UTC. Ids
are strings. The words in a column of tokens are cut by `regex`, and Chinese by rjieba; the stop words of stopwordsiso
are left out.

Each site's folder has a dataset card, `<output>/<site>/README.md`, written anew with its tables: where the rows come
from and by which crawls, robots and terms, how much the site states and what is missing, which columns are personal and
how many people a few known facts single out, and every column. Hugging Face opens the folder by it:

```python
datasets.load_dataset("output/sketchfab")  # the main table
datasets.load_dataset("output/sketchfab", "models")  # any table that has rows
```

In notebooks (`pip install 'crawlers[notebooks]'`), frames with dtypes that keep numbers with nulls whole, and the same
columns for every site that has such a table; the directory of the tables is the second argument, by default `output`:

```python
from crawlers.datasets import edges, interactions, read

read("sketchfab/likes", "output/sandbox")  # a table as it is
interactions("sketchfab")  # user_id, item_id, rating: who likes what; 1.0 where a site has likes and no ratings
edges("weibo")  # source, target: who follows whom
```
"""


def reference() -> str:
    """All tables with their columns, types, marks and descriptions."""
    return "\n".join([_HEAD, *(line for table in all_tables().values() for line in _section(table))])


def _section(table: type[Item]) -> Iterator[str]:
    schema = arrow_schema(table)
    yield f"## {table.dataset}\n"
    yield f"{schema.metadata[b'description'].decode()}\n"
    yield "| column | type | marks | description |"
    yield "|---|---|---|---|"
    for column in schema:
        metadata = {name.decode(): value.decode() for name, value in column.metadata.items()}
        description = metadata.pop("description")
        yield f"| `{column.name}` | `{type_name(column.type)}` | {marks(metadata)} | {description} |"
    yield ""


def type_name(arrow_type: pa.DataType) -> str:
    """The type as users know it: Arrow names the inner field of a list, which is nobody's business."""
    return "list<string>" if pa.types.is_list(arrow_type) else str(arrow_type)


def marks(metadata: dict[str, str]) -> str:
    """What the markers of a column say of it, without its description."""
    return ", ".join(name if value == "true" else f"{name}: {value}" for name, value in metadata.items())


if __name__ == "__main__":
    sys.stdout.write(reference())
