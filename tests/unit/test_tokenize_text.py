from __future__ import annotations

import asyncio
from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.errors import TypeDefinitionError
from crawlers.items import Batch, Item, Key, Tokenize
from crawlers.pipelines.tokenize_text import TokenizePipeline, stop_words, tokenize


class Film(Item):
    """A film of the tests."""

    dataset: ClassVar[str] = "toy/tokenized_films"

    film_id: Annotated[str, Key()]
    """Its id."""
    title: Annotated[str | None, Tokenize("en")] = None
    """Its title."""
    title_tokens: list[str] | None = None
    """Words of the title."""
    tags: Annotated[list[str] | None, Tokenize("en")] = None
    """Its tags."""
    tags_tokens: list[str] | None = None
    """Words of the tags."""


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("The Dragon of the North", "en", ["dragon", "north"]),
        ("Dragon dragon DRAGON", "en", ["dragon", "dragon", "dragon"]),
        ("Wood-fired X-ray of an F-16", "en", ["wood", "fired", "x-ray", "f-16"]),
        ("The dragon’s lair, don't enter", "en", ["dragon", "lair", "enter"]),
        ("mp3 3d xj220 2016 12345", "en", ["mp3", "3d", "xj220"]),
        ("see <url> or <email>, <phone>, <num>: dragon", "en", ["dragon"]),
        ("by @user and @0123456789abcdef0123456789abcdef dragon", "en", ["dragon"]),
        ("https://example.com/dragon www.example.com lava", "en", ["lava"]),
        ("a b c d", "en", []),
        ("façade Façade", "fr", ["façade", "façade"]),
        ("हिन्दी ภาษาไทย 한국어", "en", ["हिन्दी", "ภาษาไทย", "한국어"]),
        ("我们来到北京清华大学", "zh", ["来到", "北京", "清华大学"]),
        ("用Blender做的模型", "en", ["blender", "模型"]),
        ("façade模型", "en", ["façade", "模型"]),
        ("我穿T恤[doge]", "zh", ["穿", "t恤"]),
        ("[wip] dragon", "en", ["wip", "dragon"]),
        ("ＤＲＡＧＯＮ", "en", ["dragon"]),
        ("", "en", []),
    ],
)
def test_words(text: str, language: str, words: list[str]) -> None:
    assert tokenize(text, language) == words


@given(st.text())
def test_words_are_folded_meaningful_and_the_same_each_time(text: str) -> None:
    words = tokenize(text, "en")
    assert words == tokenize(text, "en")
    for word in words:
        assert not word.isdecimal()
        assert word not in stop_words("en")
        assert not (len(word) == 1 and word.isascii())
        assert not set(word) & set(" \n\t@<>")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(TypeDefinitionError, match="'klingon'"):
        tokenize("qapla", "klingon")


def test_the_pipeline_fills_the_token_columns_and_leaves_missing_texts_missing() -> None:
    batch = Batch(lease=None)
    batch.add(Film(film_id="1", title="A Red Dragon", tags=["lava-breathing", "3d"]))
    batch.add(Film(film_id="2"))
    batch.add(Film(film_id="3", title="", tags=[]))
    assert asyncio.run(TokenizePipeline().process_item(batch)) is batch
    found = [(row["title_tokens"], row["tags_tokens"]) for row in batch.rows[Film]]
    assert found == [(["red", "dragon"], ["lava", "breathing", "3d"]), (None, None), ([], [])]
