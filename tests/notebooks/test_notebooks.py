"""The notebooks, run from top to bottom on what the demo crawls.

They recover what the sandbox planted, and what is kept with them is what they give.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from notebooks.execute_notebook import HERE, NAMES, execute, picture
from papers.workspace import ROOT, Workspace
from sandbox.worlds import World

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
MOST_BYTES = 250_000


def kept(name: str) -> NotebookNode:
    return nbformat.read(HERE / f"{name}.ipynb", as_version=4)


def texts(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """What each cell says, with its id: of a table its plain form, of a picture that there is one."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            said = output.get("text") or output.get("data", {}).get("text/plain", "")
            yield cell.id, f"{output.get('name', '')} {' '.join(said.split())}"


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_recovers_what_was_planted_and_gives_what_is_kept_with_it(name: str, demo: Workspace) -> None:
    demo.crawled("sketchfab" if name == "quickstart" else name)
    given = list(texts(execute(name, OUTPUT=str(demo.output))))
    were = list(texts(kept(name)))
    hint = "after a change to a notebook, or to the demo's data, run: make notebooks"
    assert [(cell, NUMBER.sub("#", text)) for cell, text in given] == [
        (cell, NUMBER.sub("#", text)) for cell, text in were
    ], hint
    for (cell, text), (_, was) in zip(given, were, strict=True):
        assert numbers(text) == pytest.approx(numbers(was), rel=0.05, abs=0.02), f"{cell}: {hint}"


def test_on_real_data_nothing_is_compared_and_labels_come_from_a_file(demo: Workspace, tmp_path: Path) -> None:
    demo.crawled("youtube")
    shutil.copytree(demo.output / "youtube", tmp_path / "youtube")
    for manifest in (tmp_path / "youtube" / "_runs").glob("*.json"):
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"sandbox": None}))
    labels = tmp_path / "labels.csv"
    with labels.open("w", newline="") as file:
        csv.writer(file).writerows([("video_id", "y"), *World().youtube.labels().items()])
    given = dict(texts(execute("youtube", OUTPUT=str(tmp_path), LABELS=str(labels))))
    assert {"metrics", "active", "shown"} <= given.keys()
    assert "planted" not in given


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_small_and_whole_and_tells_nothing_of_the_machine(name: str) -> None:
    text = (HERE / f"{name}.ipynb").read_text(encoding="utf-8")
    assert len(text) < MOST_BYTES
    notebook = kept(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all("execution" not in cell.metadata for cell in code)
    assert not [output for cell in code for output in cell.outputs if output.get("name") == "stderr"]
    assert not re.search(rf"{Path.home()}|{ROOT}|/tmp/|site-packages", text)
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_short_and_begins_with_a_title_and_ends_with_the_comparison(name: str) -> None:
    cells = kept(name).cells
    assert len(cells) <= 25
    assert cells[0].source.startswith("# ")
    assert cells[1].metadata.tags == ["parameters"]
    assert cells[1].source.startswith('OUTPUT = "../output/sandbox"')
    assert "planted(OUTPUT" in cells[-1].source or "if truth:" in cells[-1].source
    assert "assert " in cells[-1].source


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_of_the_documentation_are_those_of_the_notebook(name: str) -> None:
    page = (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{name}` \|.*\|(.*)\|$", page, re.MULTILINE)
    figures = [figure for figure in NUMBER.findall(row) if figure != "10"]  # NDCG@10 is a name
    said = [number for _, text in texts(kept(name)) for number in NUMBER.findall(text)]
    assert figures
    assert set(figures) <= set(said)


def test_the_picture_of_the_documentation_is_that_of_the_notebook() -> None:
    assert (ROOT / "docs" / "assets" / "communities.png").read_bytes() == picture(kept("weibo"), "draw")
