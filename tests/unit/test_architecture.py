"""The picture of docs/architecture.md stays true: who may import whom, and how modules are named."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from scrapy.settings import default_settings

REPOSITORY = Path(__file__).parents[2]
CRAWLERS, SANDBOX = REPOSITORY / "crawlers", REPOSITORY / "sandbox"
MODULES = sorted([*CRAWLERS.rglob("*.py"), *SANDBOX.rglob("*.py")])
NAMES = [str(path.relative_to(REPOSITORY)) for path in MODULES]
every_module = pytest.mark.parametrize("path", MODULES, ids=NAMES)

# Where the spider of each site is defined: in a module, or in a package of the site's name.
SPIDERS = {path.stem: path for path in (CRAWLERS / "spiders").glob("[!_]*.py")}
SPIDERS |= {path.parent.name: path for path in (CRAWLERS / "spiders").glob("*/spider.py")}

# What each part of `crawlers` may import of the others; `errors` is open to all, and so is the package's version.
ALLOWED = {
    "errors": set(),
    "items": set(),
    "parsing": set(),
    "pseudonyms": set(),
    "folders": set(),
    "given_settings": {"items"},
    "replicas": set(),
    "accounts": set(),
    "downloads": set(),
    "browser": set(),
    "stats": set(),
    "terminal": set(),
    "settings": set(),
    "pages": {"items", "parsing"},
    "spiders": {"pages", "items", "site_spider"},
    "site_spider": {"accounts", "items", "pseudonyms", "frontier"},
    "logs": {"items", "parsing", "frontier"},
    "datasets": {"items"},
    "exports": {"items", "datasets", "folders"},
    "frontier": {"items", "datasets", "folders", "addon"},
    "pipelines": {"items", "pseudonyms", "frontier", "addon"},
    "middlewares": {
        "accounts",
        "addon",
        "downloads",
        "folders",
        "frontier",
        "items",
        "pages",
        "parsing",
        "site_spider",
    },
    "extensions": {"items", "datasets", "folders", "frontier", "addon", "site_spider", "middlewares"},
    "addon": {
        "accounts",
        "browser",
        "datasets",
        "folders",
        "frontier",
        "given_settings",
        "items",
        "logs",
        "pages",
        "pseudonyms",
        "replicas",
        "site_spider",
    },
    "commands": {
        "datasets",
        "exports",
        "extensions",
        "folders",
        "frontier",
        "items",
        "pseudonyms",
        "replicas",
        "terminal",
    },
}
# The addon prepares what these need, and installs them: they ask for it when a crawl starts, never when imported.
ASK_THE_ADDON_LATE = {"frontier", "middlewares", "pipelines"}
# The first two go from the addon to the download handler; the key is refused as a setting.
INTERNAL_SETTINGS = {"SANDBOX_URL", "SANDBOX_HOSTS", "PSEUDONYM_KEY"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path, tree: ast.AST) -> set[str]:
    """Every module that is imported anywhere in `tree`, by its whole name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            # `from crawlers.pages import sketchfab` imports a module, `from crawlers.pages import PageState` none.
            inner = {f"{module}.{alias.name}" for alias in node.names if _is_module(f"{module}.{alias.name}")}
            found |= inner or {module}
    return found


def _is_module(name: str) -> bool:
    path = REPOSITORY.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def part_of(path: Path) -> str:
    """The part of `crawlers` a module belongs to: its folder, or its own name."""
    first, *_ = path.relative_to(CRAWLERS).with_suffix("").parts
    return first


def parts_imported(path: Path) -> set[str]:
    names = {name for name in imports(path, tree_of(path)) if name.startswith("crawlers.")}
    return {name.split(".")[1] for name in names} - {part_of(path)}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if CRAWLERS in path.parents and path.parent != CRAWLERS], ids=str
)
def test_imports_point_one_way(path: Path) -> None:
    assert parts_imported(path) <= ALLOWED[part_of(path)] | {"errors"}


@pytest.mark.parametrize("path", sorted(CRAWLERS.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_modules_beside_the_folders_keep_to_their_own_place_too(path: Path) -> None:
    assert parts_imported(path) <= ALLOWED[path.stem] | {"errors"}


def test_nobody_imports_spiders() -> None:
    assert not [name for path, name in zip(MODULES, NAMES, strict=True) if _spiders_among(path)]


def _spiders_among(path: Path) -> bool:
    return CRAWLERS / "spiders" not in path.parents and any(
        name.startswith("crawlers.spiders") for name in imports(path, tree_of(path))
    )


@every_module
def test_the_crawlers_and_the_sandbox_know_nothing_of_each_other(path: Path) -> None:
    other = "sandbox" if CRAWLERS in path.parents else "crawlers"
    assert not [name for name in imports(path, tree_of(path)) if name.split(".")[0] == other]


@pytest.mark.parametrize("part", sorted(ASK_THE_ADDON_LATE))
def test_what_the_addon_installs_imports_it_only_when_a_crawl_starts(part: str) -> None:
    for path in (CRAWLERS / part).glob("*.py"):
        for statement in tree_of(path).body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                assert "crawlers.addon" not in imports(path, statement), path


def test_items_of_a_site_stand_on_markers_and_the_base_alone() -> None:
    for path in (CRAWLERS / "items").glob("*.py"):
        if path.stem in SPIDERS:
            of_ours = {name for name in imports(path, tree_of(path)) if name.startswith("crawlers")}
            assert of_ours <= {f"crawlers.items.{base}" for base in ("about", "expected", "item", "markers")}


def test_pipelines_middlewares_and_the_frontier_know_no_site() -> None:
    sites = SPIDERS.keys()
    assert sites
    for part in ("pipelines", "middlewares", "frontier", "datasets", "extensions"):
        for path in (CRAWLERS / part).glob("*.py"):
            named = {name.rpartition(".")[2] for name in imports(path, tree_of(path))}
            assert not named & sites, path


@every_module
def test_a_module_is_short_enough_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 320


@every_module
def test_a_module_is_named_for_its_subject(path: Path) -> None:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    assert not {"utils", "util", "helpers", "helper", "common", "misc", "base", "core"} & set(parts)
    assert all(re.fullmatch(r"_{0,2}[a-z][a-z0-9_]*", part) for part in parts)


@every_module
def test_a_module_says_what_it_is(path: Path) -> None:
    first, *_ = (ast.get_docstring(tree_of(path)) or "").split("\n")
    assert first, "the first line of a module says what it is"


@pytest.mark.parametrize("site", sorted(SPIDERS))
def test_a_spider_its_file_and_its_class_have_one_name(site: str) -> None:
    path = SPIDERS[site]
    classes = [node for node in tree_of(path).body if isinstance(node, ast.ClassDef) and node.name.endswith("Spider")]
    assert [found.name for found in classes] == [f"{site.title().replace('_', '')}Spider"]
    names = [
        node.value.value
        for node in classes[0].body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and _targets(node) == ["name"]
    ]
    assert names == [site]
    for layer in ("items", "pages"):
        assert (CRAWLERS / layer / site).is_dir() or (CRAWLERS / layer / f"{site}.py").is_file()


def _targets(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def settings_read(path: Path) -> set[str]:
    """The settings a module asks for: `settings["X"]`, `settings.get("X")`, `crawler.settings.getint("X")`."""
    found = set()
    for node in ast.walk(tree_of(path)):
        argument: ast.expr | None = None
        if isinstance(node, ast.Subscript) and _is_settings(node.value):
            argument = node.slice
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("get")
            and _is_settings(node.func.value) and node.args
        ):  # fmt: skip
            argument = node.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.isupper():
            found.add(argument.value)
    return found


def _is_settings(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "settings") or (
        isinstance(node, ast.Attribute) and node.attr == "settings"
    )


def test_every_setting_that_is_read_is_named_among_the_settings() -> None:
    read = {name for path in CRAWLERS.rglob("*.py") for name in settings_read(path)}
    assert {"JOB", "USER_AGENT", "BACKOFF_FIRST_S"} <= read  # the search finds what it should
    named = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", (CRAWLERS / "settings.py").read_text()))
    assert read - named - set(vars(default_settings)) <= INTERNAL_SETTINGS
