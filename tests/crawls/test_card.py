"""The dataset card of a crawl tells the truth about the world that was crawled, and opens its tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawlers.pages.sketchfab import likes_url
from crawlers.pseudonyms import PseudonymKey
from sandbox.worlds import World
from sandbox.worlds.sketchfab import Model
from tests.crawls.running import BY_MODEL, ROOT, Crawls, RunningSandbox

JSON = {"Content-Type": "application/json"}


def answer(sandbox: RunningSandbox, model: Model, **how: object) -> None:
    """From now on the page of the people who like a model is another."""
    path = likes_url(model.model_id).removeprefix("https://sketchfab.com")
    sandbox.script(host="sketchfab.com", path_prefix=path, times=100, **how)


def cells(card: str, *first: str) -> list[str]:
    """The row of a table that begins with these cells, without them."""
    begin = f"| {' | '.join(first)} | "
    (row,) = (line for line in card.splitlines() if line.startswith(begin))
    return row.removeprefix(begin).removesuffix(" |").split(" | ")


def names_of(values: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The fields of a manifest, but not what stands in those whose names are data."""
    for name, value in values.items():
        known = f"{prefix}{'<table>' if prefix == 'tables.' else name}"
        if known not in {"requests", "tables"}:
            yield known
        if isinstance(value, dict) and name not in {"arguments", "versions", "pages", "failures", "nulls"}:
            yield from names_of(value, f"{known}.")


def test_the_card_says_what_the_world_holds_and_why_some_of_it_is_missing(
    sandbox: RunningSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, crawls = World(size=60), Crawls(tmp_path, BY_MODEL)
    liked = [model for model in world.sketchfab.models if model.like_count >= 5]
    broken, gone, hidden, *others = liked[3:]
    others += liked[:3]
    answer(sandbox, broken, status=200, headers=JSON, body='{"results": [')
    answer(sandbox, gone, state="gone")
    answer(sandbox, hidden, status=200, body={"results": [], "next": None})
    ended = crawls.crawl(sandbox, *BY_MODEL, "-s", "CONTACT_URL=https://lab.example/crawls")
    assert ended.returncode == 0, ended.stderr
    path = crawls.output / "sketchfab" / "README.md"
    assert f"dataset card: {path}" in ended.stderr
    card, (manifest,) = path.read_text(), crawls.manifests()

    # Where it comes from
    assert "**The people in these tables are invented.**" in card
    assert "(synthetic, seed 0, size 60)" in card
    assert world.pseudonym_key is not None
    assert f"the id `{PseudonymKey.from_hex(world.pseudonym_key, 'the world').key_id}`" in card
    assert "to be erased, at <https://lab.example/crawls>" in card

    # How much there is
    names = {model.model_id for model in others}
    likes_of = Counter(user for user, model, _ in world.sketchfab.likes(5) if model in names)
    assert cells(card, "`sketchfab/models`")[2:4] == [f"{len(liked)}", ""]
    assert cells(card, "`sketchfab/likes`", "One person's like of one model")[1:3] == [
        f"{likes_of.total():,}",
        f"{len(likes_of):,}",
    ]
    for known in range(1, 6):
        people = sum(likes >= known for likes in likes_of.values())
        assert cells(card, f"{known}")[:2] == [f"{people:,}", f"{people:,}"]

    # What is missing
    stated = sum(model.like_count for model in liked)
    lost = broken.like_count + gone.like_count + hidden.like_count
    sentence = re.search(r"By `like_count`, (.*) rows of `sketchfab/models` state (.*) rows of .* these (.*)\.", card)
    assert sentence is not None
    assert sentence.groups() == (
        f"{len(liked):,}",
        f"{stated:,}",
        f"{stated - lost:,} are here and {lost:,} ({lost / stated:.1%}) are missing",
    )
    read = stated - broken.like_count - gone.like_count
    lists = [len(others) + 1, read, read - hidden.like_count, hidden.like_count, likes_of.total()]
    found = cells(card, f"`{manifest['crawl_id']}`", "`sketchfab/likes`")
    assert found == [*(f"{number:,}" for number in lists), "0", "0", "0"]
    assert "1 requests failed and were given up (LayoutChanged 1)" in card
    assert "1 pages said that what they were asked for is gone" in card

    # What the manifest says, each field of it in the docs
    fields = (ROOT / "docs" / "manifest.md").read_text()
    assert set(re.findall(r"^\| `([\w.<>]+)` \|", fields, re.MULTILINE)) == set(names_of(manifest))

    # What opens
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset  # noqa: PLC0415  (it reads its environment when imported)

    folder = str(crawls.output / "sketchfab")
    for name, table in (((), "likes"), (("likes",), "likes"), (("models",), "models")):
        rows = load_dataset(folder, *name, split="train", cache_dir=str(tmp_path / "cache"))
        assert list(rows) == crawls.table(table).to_pylist()
