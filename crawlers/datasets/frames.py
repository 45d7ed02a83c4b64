"""Published tables as pandas frames, for notebooks: a table as it is, who likes what, who follows whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.errors import ConfigurationError
from crawlers.items import Item, site_pairs, table_of

if TYPE_CHECKING:
    import pandas as pd


def read(dataset: str, output: Path | str = "output") -> pd.DataFrame:
    """The table ``<site>/<table>`` under the directory `output`, in dtypes that keep numbers with nulls whole.

    Raises: ConfigurationError: no such table, not published there, or pandas is missing; DatasetError: it cannot be
        read.
    """
    return _read(table_of(dataset), Path(output), columns=None)


def interactions(site: str, output: Path | str = "output") -> pd.DataFrame:
    """What people do with the things of a site: `user_id`, `item_id`, `rating`, one row for each pair.

    `rating` is null where somebody did not rate what they are known to have seen; of a site without ratings it is 1.0.
    Raises: as `read`; ConfigurationError also if the site has no such table, or several.
    """
    pairs = site_pairs(site, between_people=False)
    names = {pairs.person: "user_id", pairs.other: "item_id"} | ({pairs.value: "rating"} if pairs.value else {})
    frame = _read(pairs.table, Path(output), list(names)).rename(columns=names)
    if pairs.value is None:
        frame["rating"] = 1.0
    return frame.astype({"rating": "Float64"})


def edges(site: str, output: Path | str = "output") -> pd.DataFrame:
    """Who points to whom among the people of a site, one row for each pair: `source`, `target`. Raises: as `read`."""
    pairs = site_pairs(site, between_people=True)
    names = {pairs.person: "source", pairs.other: "target"}
    return _read(pairs.table, Path(output), list(names)).rename(columns=names)


def _read(table: type[Item], output: Path, columns: list[str] | None) -> pd.DataFrame:
    try:
        import pandas as pd  # noqa: PLC0415  (only notebooks need it)
    except ModuleNotFoundError:
        raise ConfigurationError(
            "reading a table as a frame: pandas is not installed; install it with: pip install 'crawlers[notebooks]'"
        ) from None
    path = table_file(table, output)
    if not path.exists():
        raise ConfigurationError(
            f"reading {table.dataset}: there is no {path}; name the directory of the tables, as in "
            f"read({table.dataset!r}, 'output/sandbox'), or get the table with: scrapy crawl {table.site()}"
        )
    with storage_errors(f"reading {table.dataset}", path.parent, ONLY_READ):
        # A directory named a=b above the file is no column of it.
        return pd.read_parquet(path, columns=columns, dtype_backend="numpy_nullable", partitioning=None)
