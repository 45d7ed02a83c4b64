"""The way to the page of each site, in zensical.toml: `python -m papers.navigation` puts new pages there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SITES = re.compile(r'(?<=^  \{ "Sites" = \[\n).*?(?=^  \] \},$)', re.MULTILINE | re.DOTALL)
_PAGE = re.compile(r'"sites/(\w+)\.md"')


def with_all_sites(configuration: str, docs: Path) -> str:
    """The configuration with an entry for each page of docs/sites: those that are there in their order, then new ones
    in that of their names. An entry has the heading of its page."""
    (listed,) = _SITES.findall(configuration)
    pages = {page.stem: page for page in sorted((docs / "sites").glob("*.md"))}
    order = [site for site in _PAGE.findall(listed) if site in pages]
    sites = [*order, *(site for site in pages if site not in order)]
    entries = (f'    {{ "{_heading(pages[site])}" = "sites/{site}.md" }},\n' for site in sites)
    return _SITES.sub(lambda _: "".join(entries), configuration)


def _heading(page: Path) -> str:
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


if __name__ == "__main__":
    configuration = ROOT / "zensical.toml"
    configuration.write_text(with_all_sites(configuration.read_text(encoding="utf-8"), ROOT / "docs"), encoding="utf-8")
