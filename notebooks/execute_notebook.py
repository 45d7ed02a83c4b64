"""Running a notebook from top to bottom, in a kernel of its own."""

from __future__ import annotations

import os
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

HERE = Path(__file__).parent
NAMES = ("quickstart", "sketchfab", "youtube", "weibo", "letterboxd")


def execute(name: str, **parameters: str) -> NotebookNode:
    """The notebook with what its cells gave; `parameters` replace those of its cell of parameters for this run.

    Raises: CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    as_written = cell.source
    cell.source = "\n".join([as_written, *(f"{parameter} = {value!r}" for parameter, value in parameters.items())])
    with TemporaryDirectory() as private:  # notebooks that run at the same time would share a file of history
        kernel = Config({"KernelManager": {"transport": "ipc", "ip": f"{private}/kernel"}})  # no port is open
        client = NotebookClient(
            notebook, config=kernel, record_timing=False, resources={"metadata": {"path": str(HERE)}}, timeout=120
        )
        client.execute(env={**os.environ, "IPYTHONDIR": private})
    cell.source = as_written
    return notebook


def picture(notebook: NotebookNode, cell_id: str) -> bytes:
    """The picture that a cell gave, as PNG."""
    cell = next(cell for cell in notebook.cells if cell.id == cell_id)
    encoded = next(output.data["image/png"] for output in cell.outputs if "image/png" in output.get("data", {}))
    return b64decode(encoded)
