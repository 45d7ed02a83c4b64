"""From staged rows to tables: seal (spool -> part), publish (parts -> table and card), check, merge, describe, frames.

For notebooks: `read("<site>/<table>")`, `interactions("<site>")` and `edges("<site>")`.
"""

from crawlers.datasets.frames import edges, interactions, read

__all__ = ["edges", "interactions", "read"]
