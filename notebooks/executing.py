"""Running a notebook from top to bottom, in a kernel of its own."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

HERE = Path(__file__).parent
NAMES = ("quickstart", "sketchfab", "youtube", "weibo", "letterboxd")


def execute(name: str, output: Path) -> NotebookNode:
    """The notebook with what its cells gave on the tables under `output`; in its source stands what stood there.

    Raises: CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    parameters = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    default, parameters.source = parameters.source, f"OUTPUT = {str(output.resolve())!r}"
    with TemporaryDirectory() as private:  # notebooks that run at the same time would share a file of history
        kernel = Config({"KernelManager": {"transport": "ipc", "ip": f"{private}/kernel"}})  # no port is open
        client = NotebookClient(
            notebook, config=kernel, record_timing=False, resources={"metadata": {"path": str(HERE)}}, timeout=120
        )
        client.execute(env={**os.environ, "IPYTHONDIR": private})
    parameters.source = default
    return notebook
