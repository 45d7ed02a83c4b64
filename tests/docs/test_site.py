"""The documentation builds without a warning, holds every page, and fetches nothing from elsewhere when read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from parsel import Selector

ROOT = Path(__file__).parents[2]
ZENSICAL = Path(sys.executable).parent / "zensical"
ELEMENTS = frozenset({
    "a", "code", "div", "em", "h1", "h2", "h3", "h4", "img", "li", "ol", "p", "pre", "span", "strong", "table", "tbody",
    "td", "th", "thead", "tr", "ul",
})  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A copy is built: the tree stays as it is."""
    copy = tmp_path_factory.mktemp("docs")
    shutil.copy(ROOT / "zensical.toml", copy)
    shutil.copytree(ROOT / "docs", copy / "docs")
    command = [str(ZENSICAL), "build", "--clean", "--strict"]
    ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return copy / "build" / "site"


def pages_of(nav: list[dict[str, object]]) -> Iterator[str]:
    for entry in nav:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            elif isinstance(target, list):
                yield from pages_of(target)


def test_the_navigation_leads_to_every_page_once() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    listed = list(pages_of(nav))
    assert set(listed) == written
    assert len(listed) == len(written)


def test_every_page_is_there_with_its_heading(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        built = site / page.relative_to(ROOT / "docs").with_suffix(".html")
        heading = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert heading in " ".join(Selector(built.read_text(encoding="utf-8")).css("h1 ::text").getall())


def test_a_page_fetches_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        found = Selector(page.read_text(encoding="utf-8"))
        loaded = found.css("script::attr(src), img::attr(src), link[rel=stylesheet]::attr(href), iframe::attr(src)")
        assert [url for url in loaded.getall() if urlsplit(url).netloc] == []


def test_links_within_the_site_lead_to_a_page_and_a_heading_that_are_there(site: Path) -> None:
    built = {page: Selector(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}
    followed = 0
    for page, content in built.items():
        for link in content.css("article a::attr(href)").getall():
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / parts.path).resolve() if parts.path else page
            assert target in built, f"{page.name} links to {link}"
            if parts.fragment:
                ids = built[target].css("::attr(id)").getall()
                assert parts.fragment in ids, f"{page.name} links to {link}"
            followed += 1
    assert followed > 50


def test_a_page_shows_what_was_written(site: Path) -> None:
    """`list<string>` outside code is an element to a browser, and a line that begins with `600. ` begins a list."""
    for page in site.rglob("*.html"):
        content = Selector(page.read_text(encoding="utf-8"))
        assert {element.root.tag for element in content.css("article *")} <= ELEMENTS, page.name
    for source in (ROOT / "docs").rglob("*.md"):
        numbers = [
            int(number) for number in re.findall(r"^ *([0-9]+)\. ", source.read_text(encoding="utf-8"), re.MULTILINE)
        ]
        assert numbers == list(range(1, len(numbers) + 1)), source.name
