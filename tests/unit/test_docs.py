"""The papers say what the program does: every command, setting, exit code, argument, table and column."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import crawlers.commands
import crawlers.spiders
from crawlers import settings
from crawlers.commands import forget
from crawlers.commands.crawl import ENDINGS
from crawlers.datasets.reference import reference
from crawlers.items import Item, all_tables, sites
from crawlers.items.about import about as about_site
from crawlers.items.identifiers import kinds
from crawlers.site_spider import SiteSpider
from sandbox.faults import FAULTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
# Read with settings.get and friends, or given to the program by itself.
READ = re.compile(r"settings(?:\.get\w*\(|\[)\s*\"([A-Z][A-Z_]+)\"")


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(crawlers.commands.__path__)])
def test_every_command_is_documented_and_says_what_it_is_for(name: str) -> None:
    assert f"## scrapy {name}\n" in text("commands.md")
    command = importlib.import_module(f"crawlers.commands.{name}").Command()
    assert command.short_desc()
    assert command.long_desc()


def test_every_finish_reason_and_exit_code_is_documented() -> None:
    table = [line for line in text("commands.md").splitlines() if line.startswith("| ") and "`" in line]
    for reason, (code, _) in ENDINGS.items():
        assert any(line.startswith(f"| {code} |") and f"`{reason}`" in line for line in table), reason


def test_every_fault_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (lasting|heals|) ?\| (.+) \|$", text("faults.md"), re.MULTILINE)
    told = {fault.name: "lasting" if fault.lasting else "heals" if fault.heals else "" for fault in FAULTS.values()}
    assert rows == [(fault.name, told[fault.name], fault.description) for fault in FAULTS.values()]


def test_every_kind_of_id_that_can_be_forgotten_is_documented() -> None:
    section = text("commands.md").partition("## scrapy forget\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| (\w+) \| `(\w+)` \| .+ \|$", section, re.MULTILINE)
    there = {(about_site(site).title, kind): site for site in sites() for kind in kinds(site)}
    assert len(set(told)) == len(told)
    assert set(told) <= there.keys()
    for (title, kind), site in there.items():  # in the list of all, or on the site's own page
        assert (title, kind) in told or f"`scrapy forget {site} {kind} -`" in text(f"sites/{site}.md")
    assert all(f"{site}: {', '.join(kinds(site))}" in forget.Command().long_desc() for site in sites())


def test_every_setting_of_ours_is_documented() -> None:
    read = {name for path in (ROOT / "crawlers").rglob("*.py") for name in READ.findall(path.read_text())}
    ours = {name for name in vars(settings) if name.isupper()}
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", text("settings.md")))
    scrapys = {"FEEDS", "LOG_FILE", "TWISTED_REACTOR", "ROBOTSTXT_USER_AGENT", "PSEUDONYM_KEY"}
    assert (read | ours) - documented - scrapys == set()


def test_the_reference_of_tables_is_what_the_types_say() -> None:
    assert text("datasets.md") == reference(), "run `make reference`"


@pytest.mark.parametrize("table", all_tables().values(), ids=lambda table: table.dataset)
def test_every_column_has_a_description(table: type[Item]) -> None:
    assert all(field.description for field in table.model_fields.values())


def spiders() -> list[type[SiteSpider[Any]]]:
    modules = [
        importlib.import_module(f"crawlers.spiders.{module.name}")
        for module in pkgutil.iter_modules(crawlers.spiders.__path__)
    ]
    classes = [value for module in modules for value in vars(module).values() if inspect.isclass(value)]
    return [value for value in classes if issubclass(value, SiteSpider) and value is not SiteSpider]


@pytest.mark.parametrize("spider", spiders(), ids=lambda spider: spider.name)
def test_every_argument_of_a_spider_is_described_and_documented(spider: type[SiteSpider[Any]]) -> None:
    page = text(f"sites/{spider.name}.md")
    for name, about in spider.get_param_schema()["properties"].items():
        assert about["description"]
        if not name.startswith("_"):
            assert f"| `{name}` |" in page


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for extra in project["optional-dependencies"].values() for name in extra]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in [*project["dependencies"], *extras]}
    reasons = text("architecture.md").partition("## Dependencies")[2]
    for name in names - {"crawlers"}:
        assert re.search(rf"\b{name}\b", reasons), name


def test_whoever_cites_names_the_version_that_is_there() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version == crawlers.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_every_link_between_the_papers_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
