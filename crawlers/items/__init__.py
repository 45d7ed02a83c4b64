"""What we publish: the base of all item types, the markers that drive the pipelines, and the rows of a page."""

from crawlers.items.batch import Batch, Coverage, Remember, Tally
from crawlers.items.expected import Expected
from crawlers.items.item import Item
from crawlers.items.markers import Count, FreeText, Handle, Key, Pseudonymize, Tokenize
from crawlers.items.registry import all_tables, sites, table_of, tables
from crawlers.items.rows import Invalid, Row, Rows
from crawlers.items.schema import arrow_schema, spool_schema

__all__ = [
    "Batch", "Count", "Coverage", "Expected", "FreeText", "Handle", "Invalid", "Item", "Key", "Pseudonymize",
    "Remember", "Row", "Rows", "Tally", "Tokenize", "all_tables", "arrow_schema", "sites", "spool_schema", "table_of",
    "tables",
]  # fmt: skip
