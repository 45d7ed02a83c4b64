"""The file formats of the systems that inspired this project, one module a site.

Each has ``export(output_dir, directory) -> Iterator[Exported]``: it reads the published tables of its site and writes
its files, each whole or not at all (`writing`).
"""

from crawlers.exports.files import Exported, Exporter, exporter, writing

__all__ = ["Exported", "Exporter", "exporter", "writing"]
