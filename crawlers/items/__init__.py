"""What we publish: the base of all item types, the markers that drive the pipelines, and the rows of a page."""

from crawlers.items.batch import Batch, Coverage, Gap, Remember, Tally
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, Counts, FreeText, Handle, Key, Pseudonymize, Tokenize, Value
from crawlers.items.pairs import Pairs, pairs_of, site_pairs
from crawlers.items.registry import all_tables, sites, table_of, tables
from crawlers.items.rows import Invalid, Row, Rows
from crawlers.items.schema import arrow_schema, spool_schema

__all__ = [
    "Batch", "Count", "Counts", "Coverage", "Expected", "FreeText", "Gap", "Handle", "Invalid", "Item", "Key", "Pairs",
    "Pseudonymize", "Remember", "Row", "Rows", "Tally", "Tokenize", "Value", "all_tables", "arrow_schema",
    "pairs_of", "site_pairs", "sites", "spool_schema", "table_of", "tables",
]  # fmt: skip
