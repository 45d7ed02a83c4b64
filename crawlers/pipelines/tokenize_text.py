"""Words of a text, for search and topic models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from unicodedata import normalize

import regex

from crawlers.errors import TypeDefinitionError
from crawlers.items import Batch, Item, Row, Tokenize

# What the scrubber leaves behind, and what an unscrubbed text has in its place.
NOISE = regex.compile(r"<(?:url|email|phone|num)>|[A-Za-z][A-Za-z0-9+.-]*://\S+|www\.\S+|@[\p{L}\p{M}\p{N}_.·・-]+")
EMOJI_CODE = regex.compile(r"\[[\p{L}\p{N}]{1,8}\]")  # Weibo writes its emoji as [doge], [心]

# With a Han character: cut by rjieba, neighbouring ASCII included, because T恤 and 卡拉OK are words. Other scripts must
# not reach rjieba: it takes façade and Hangul apart letter by letter. The stdlib's \w would break Hindi and Thai.
WORD = regex.compile(
    r"(?P<han>[\p{Han}A-Za-z0-9]*\p{Han}[\p{Han}A-Za-z0-9]*)"
    r"|[[\p{L}\p{M}\p{N}]--\p{Han}]+(?:['’-][[\p{L}\p{M}\p{N}]--\p{Han}]+)*",
    regex.V1,
)
LETTER = regex.compile(r"\p{L}")


def tokenize(text: str, language: str) -> list[str]:
    """The words of `text` in order, repeats kept: case-folded, without stop words.

    Addresses, mentions, placeholders of the scrubber, numbers and single ASCII letters are no words. Japanese kana and
    Thai give runs, not words. `language` is the ISO 639-1 code whose stop words go, beside the Chinese ones.
    Raises: TypeDefinitionError: there are no stop words for `language`.
    """
    stop = stop_words(language)
    text = NOISE.sub(" ", normalize("NFKC", text))
    if language == "zh":
        text = EMOJI_CODE.sub(" ", text)
    return [word for word in map(_bare, _words(text)) if word not in stop and _is_word(word)]


def _words(text: str) -> Iterator[str]:
    for match in WORD.finditer(text):
        word = match[0]
        if match["han"] is not None:
            yield from _cut_chinese(word)
        elif "-" in word and not any(len(part) == 1 and part.isalpha() for part in word.split("-")):
            yield from word.split("-")  # low-poly is two words; x-ray and f-16 are one
        else:
            yield word


def _cut_chinese(text: str) -> list[str]:
    import rjieba  # noqa: PLC0415  (reads its dictionary, 0.1 s, and few sites need it)

    return list(rjieba.cut(text))


def _bare(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s")


def _is_word(word: str) -> bool:
    if word.isascii():
        return len(word) > 1 and not word.isdigit() and LETTER.search(word) is not None
    return LETTER.search(word) is not None


@cache
def stop_words(language: str) -> frozenset[str]:
    """Stop words of `language` and of Chinese; Chinese posts also hold English ones."""
    import stopwordsiso  # noqa: PLC0415  (reads all 58 languages when imported)

    if not stopwordsiso.has_lang(language):
        raise TypeDefinitionError(
            f"there are no stop words for the language {language!r}; give Tokenize() an ISO 639-1 code such as 'en'"
        )
    languages = {language, "zh"} | ({"en"} if language == "zh" else set())
    return frozenset(word.casefold() for word in stopwordsiso.stopwords(languages))


class TokenizePipeline:
    """Fills `<field>_tokens` for every field marked Tokenize; a missing text has missing tokens."""

    async def process_item(self, item: Batch) -> Batch:
        for table, rows in item.rows.items():
            tokenize_rows(table, rows)
        return item


def tokenize_rows(table: type[Item], rows: list[Row]) -> None:
    """Fill the token columns of `rows` of `table`, in place. A list of texts gives the words of all of them."""
    for field, marker in table.marked(Tokenize).items():
        for row in rows:
            row[f"{field}_tokens"] = _tokens(row[field], marker.language)


def _tokens(value: Any, language: str) -> list[str] | None:
    if value is None:
        return None
    if isinstance(value, str):
        return tokenize(value, language)
    return [token for text in value for token in tokenize(text, language)]
