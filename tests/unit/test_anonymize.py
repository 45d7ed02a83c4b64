from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from crawlers.errors import ConfigurationError, TypeDefinitionError
from crawlers.items import Batch, FreeText, Handle, Item, Key, Pseudonymize, Row
from crawlers.pipelines import anonymize
from crawlers.pipelines.anonymize import AnonymizePipeline, anonymize_rows
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey

KEY = PseudonymKey.from_hex("5a" * 32, "the test")
PSEUDONYMIZER = Pseudonymizer(KEY)


class Post(Item):
    """A post of the tests."""

    dataset: ClassVar[str] = "toy/posts"

    post_id: Annotated[str, Key()]
    """Its id."""
    user_id: Annotated[str | None, Pseudonymize("user")] = None
    """Who wrote it."""
    username: Annotated[str | None, Handle(of="user_id")] = None
    """The author's name."""
    editor_id: Annotated[Annotated[str, Field(min_length=1)] | None, Pseudonymize("user")] = None
    """Who changed it: an id whose type says more than that it is text."""
    friends: Annotated[list[str] | None, Pseudonymize("user")] = None
    """The author's friends."""
    text: Annotated[str | None, FreeText()] = None
    """What it says."""
    tags: Annotated[list[str] | None, FreeText()] = None
    """Its tags."""


class Review(Item):
    """A review of the tests, on a site whose ids are names."""

    dataset: ClassVar[str] = "toy_names/reviews"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who wrote it."""
    text: Annotated[str, FreeText(mentions="user")]
    """What it says."""


def anonymized(table: type[Item], **fields: Any) -> Row:
    rows = [dict(table(**fields).__dict__)]
    anonymize_rows(table, rows, PSEUDONYMIZER)
    return rows[0]


def user(raw: str, site: str = "toy") -> str:
    return PSEUDONYMIZER.pseudonym(f"{site}.user", raw)


def test_identifiers_become_pseudonyms_and_handles_disappear() -> None:
    people = {"user_id": "u1", "username": "Anna", "editor_id": "u3", "friends": ["u2", "u1"]}
    row = anonymized(Post, post_id="7", **people, text="hi", tags=["x"])
    assert row == {
        "post_id": "7", "user_id": user("u1"), "editor_id": user("u3"), "friends": [user("u2"), user("u1")],
        "text": "hi", "tags": ["x"],
    }  # fmt: skip


def test_what_is_missing_stays_missing() -> None:
    row = anonymized(Post, post_id="7")
    assert row == dict.fromkeys(("user_id", "editor_id", "friends", "text", "tags")) | {"post_id": "7"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Anna", "by @anna"),
        ("@Anna", "by @ANNA"),
        ("anna", "by ＠anna"),
        ("An\u200bna", "by @a\u00adnna"),
        ("anna", "by &#64;anna"),
        ("anna", 'by <a href="https://example.com/u/99" data-user="99">@Anna</a>'),
        ("林小雨", "by @林小雨"),
        ("Ａｎｎａ", "by @anna"),
    ],
)
def test_a_mention_of_the_author_shows_the_authors_pseudonym(name: str, text: str) -> None:
    row = anonymized(Post, post_id="7", user_id="u1", username=name, text=text, tags=["@anna"])
    assert row["text"] == f"by @{user('u1')}"


def test_a_mention_of_somebody_else_shows_nobody() -> None:
    row = anonymized(
        Post, post_id="7", user_id="u1", username="anna", text="@bert @anna", tags=["@bert", "13812345678"]
    )
    assert row["text"] == f"@user @{user('u1')}"
    assert row["tags"] == ["@user", "<phone>"]


@pytest.mark.parametrize("tag", ["Anna Low", "anna low", "@Anna Low", " ANNA LOW", "Ａｎｎａ Low"])
def test_a_tag_that_is_the_authors_name_shows_the_authors_pseudonym(tag: str) -> None:
    row = anonymized(Post, post_id="p", user_id="u7", username="Anna Low", tags=["low tide", tag, "by Bert"])
    assert row["tags"] == ["low tide", f"@{user('u7')}", "by Bert"]


def test_a_handle_of_nobody_resolves_nothing() -> None:
    row = anonymized(Post, post_id="7", user_id=None, username="anna", text="@anna")
    assert row["text"] == "@user"


def test_where_ids_are_names_every_mention_shows_the_pseudonym_of_the_other_tables() -> None:
    row = anonymized(Review, user_id="bert", text="Like @Anna and @bert, see https://x.org/anna")
    assert row["text"] == f"Like @{user('anna', 'toy_names')} and @{user('bert', 'toy_names')}, see <url>"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_row_gets_the_raw_author(user_id: str, name: str) -> None:
    row = anonymized(Post, post_id="7", user_id=f"canary{user_id}", username=f"canary{name}", text=f"@canary{name}")
    assert "canary" not in str(row).lower()


def test_the_pipeline_changes_the_batch_in_place_and_counts() -> None:
    crawler = get_crawler()
    stats = StatsCollector(crawler)
    pipeline = AnonymizePipeline(PSEUDONYMIZER, stats)
    batch = Batch(lease=1)
    batch.add(Post(post_id="1", user_id="u1", friends=["u2"], text="mail a@b.org", tags=["x", "@y"]))
    batch.add(Post(post_id="2", text="nothing"))
    batch.add(Review(user_id="u1", text="fine"))
    assert asyncio.run(pipeline.process_item(batch)) is batch
    assert batch.rows[Post][0]["text"] == "mail <email>"
    assert batch.rows[Review][0]["user_id"] == user("u1", "toy_names")
    assert stats.get_stats() == {"anonymize/pseudonyms": 3, "anonymize/texts_scrubbed": 2}


def test_rows_of_a_forgotten_person_leave_and_are_counted() -> None:
    stats = StatsCollector(get_crawler())
    pipeline = AnonymizePipeline(PSEUDONYMIZER, stats, frozenset({user("anna"), user("anna", "toy_names")}))
    batch = Batch(lease=1)
    batch.add(Post(post_id="1", user_id="anna", username="Anna", text="by @anna"))
    batch.add(Post(post_id="2", user_id="bert", friends=["carl", "anna"]))
    batch.add(Post(post_id="3", user_id="bert", friends=["carl"], username="Bert", text="@anna and @bert"))
    batch.add(Post(post_id="4"))
    batch.add(Review(user_id="bert", text="fine"))
    asyncio.run(pipeline.process_item(batch))
    assert [row["post_id"] for row in batch.rows[Post]] == ["3", "4"]
    assert batch.rows[Post][0]["text"] == f"@user and @{user('bert')}"
    assert len(batch.rows[Review]) == 1
    assert (batch.seen[Post], batch.forgotten[Post], batch.forgotten[Review]) == (4, 2, 0)
    found = stats.get_stats()
    assert {name: count for name, count in found.items() if "forgotten" in name} == {"rows/forgotten/toy/posts": 2}


@given(st.sets(st.sampled_from(["anna", "bert", "carl"])), st.text("@ ab,annbertcl", max_size=40))
def test_no_mention_of_a_forgotten_person_keeps_their_pseudonym(raw: set[str], text: str) -> None:
    forgotten = frozenset(user(name, "toy_names") for name in raw)
    rows = [dict(Review(user_id="dora", text=f"@anna @Bert {text}").__dict__)]
    plain = anonymized(Review, user_id="dora", text=f"@anna @Bert {text}")
    anonymize_rows(Review, rows, PSEUDONYMIZER, forgotten)
    for pseudonym in forgotten:
        plain["text"] = plain["text"].replace(f"@{pseudonym}", "@user")
    assert rows == [plain]


def test_what_is_not_a_batch_is_refused_without_being_shown() -> None:
    pipeline = AnonymizePipeline(PSEUDONYMIZER, StatsCollector(get_crawler()))
    with pytest.raises(TypeError, match="got a dict") as refused:
        asyncio.run(pipeline.process_item({"user_id": "anna"}))  # type: ignore[arg-type]
    assert "anna" not in str(refused.value)


def test_without_a_key_the_crawl_stops() -> None:
    for addon in (None, SimpleNamespace()):
        crawler: Any = SimpleNamespace(get_addon=lambda _, addon=addon: addon, stats=None)
        with pytest.raises(ConfigurationError, match="scrapy keygen"):
            AnonymizePipeline.from_crawler(crawler)


def test_the_key_comes_from_the_addon_and_who_was_forgotten_from_its_job() -> None:
    job = SimpleNamespace(forgotten=frozenset({"f" * 32}), store=None)
    crawler: Any = SimpleNamespace(get_addon=lambda _: SimpleNamespace(key=KEY, job=job), stats=None)
    pipeline = AnonymizePipeline.from_crawler(crawler)
    assert pipeline.pseudonymizer.key_id == KEY.key_id
    assert pipeline.forgotten == {"f" * 32}


def test_a_marker_on_what_is_not_text_is_refused() -> None:
    class Numbered(Item):
        """A row of the tests."""

        dataset: ClassVar[str] = "toy/numbered"
        number: Annotated[float, Key(), Pseudonymize("user")]

    class Both(Item):
        """A row of the tests."""

        dataset: ClassVar[str] = "toy/both"
        name: Annotated[str, Key(), Pseudonymize("user"), FreeText()]

    for table in (Numbered, Both):
        with pytest.raises(TypeDefinitionError, match=table.__name__):
            anonymize_rows(table, [], PSEUDONYMIZER)


class Acquaintance(Item):
    """Whom somebody knows, with a name that is remembered."""

    dataset: ClassVar[str] = "toy_memory/acquaintances"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who is known."""
    nickname: Annotated[str | None, Handle(of="user_id", remembered=True)] = None
    """The name."""


class Remark(Item):
    """What somebody says."""

    dataset: ClassVar[str] = "toy_memory/remarks"

    user_id: Annotated[str, Key(), Pseudonymize("user")]
    """Who says it."""
    nickname: Annotated[str | None, Handle(of="user_id")] = None
    """The name, which is of this row only."""
    text: Annotated[str, FreeText()]
    """What is said."""


class Facts(dict[str, Any]):
    """What pages remembered."""

    def recall(self, name: str, default: Any = None) -> Any:
        return self.get(name, default)

    def apply(self, batch: Batch) -> None:
        self.update({fact.name: fact.value for fact in batch.facts})


def said(pipeline: AnonymizePipeline, text: str) -> str:
    batch = Batch(lease=1)
    batch.add(Remark(user_id="u9", nickname="Zoe", text=text))
    asyncio.run(pipeline.process_item(batch))
    assert batch.facts == []  # the name of who says something is not remembered
    shown = batch.rows[Remark][0]["text"]
    assert isinstance(shown, str)
    return shown


def test_a_name_that_is_remembered_is_known_in_later_texts() -> None:
    facts = Facts()
    anna, forgotten = user("u1", "toy_memory"), user("u2", "toy_memory")
    pipeline = AnonymizePipeline(PSEUDONYMIZER, StatsCollector(get_crawler()), frozenset({forgotten}), facts)
    assert said(pipeline, "ask @Anna") == "ask @user"
    met = Batch(lease=1)
    for uid, name in (("u1", "Anna"), ("u2", "Ben"), ("u3", None)):
        met.add(Acquaintance(user_id=uid, nickname=name))
    asyncio.run(pipeline.process_item(met))
    facts.apply(met)
    assert said(pipeline, "ask @ANNA and @Ben, not @Zoe") == f"ask @{anna} and @user, not @{user('u9', 'toy_memory')}"
    # Somebody else by that name changes nothing: whoever was first keeps it.
    again = Batch(lease=2)
    again.add(Acquaintance(user_id="u4", nickname="anna"))
    asyncio.run(pipeline.process_item(again))
    assert again.facts == []


def test_only_so_many_names_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymize, "MOST_NAMES", 1)
    facts = Facts()
    pipeline = AnonymizePipeline(PSEUDONYMIZER, StatsCollector(get_crawler()), memory=facts)
    for uid, name in (("u1", "Anna"), ("u2", "Ben")):
        met = Batch(lease=1)
        met.add(Acquaintance(user_id=uid, nickname=name))
        asyncio.run(pipeline.process_item(met))
        facts.apply(met)
    assert said(pipeline, "@Anna, @Ben") == f"@{user('u1', 'toy_memory')}, @user"
