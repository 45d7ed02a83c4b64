"""Where a crawl of Weibo begins, and which tables it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from crawlers.errors import ConfigurationError, PageGone
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from crawlers.spiders.weibo import WeiboSpider

OTHERS = ["1700000002", "1700000001"]


def spider(**arguments: Any) -> WeiboSpider:
    return WeiboSpider(**arguments)


def test_it_begins_with_one_account_or_with_those_of_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "roots.txt"
    file.write_text("\n".join([*OTHERS, OTHERS[0], ""]), encoding="utf-8")
    assert spider(root=OTHERS[1]).roots == [OTHERS[1]]
    assert spider(root_file=str(file)).roots == OTHERS


@pytest.mark.parametrize("content", [None, b"", b"1700000001\nweibo\n", b"1700000001,1700000002", b"\xff\xfe"])
def test_a_file_that_does_not_hold_ids_alone_is_refused_without_showing_it(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "roots.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        spider(root_file=str(file))
    assert "one a line" in str(refused.value) or "id a line" in str(refused.value)
    assert "1700000001" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments", [{"root": "u/1700000001"}, {"root": "x1700000001"}, {"users": "-1"}, {"source": "ajax"}]
)
def test_an_argument_that_cannot_be_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=f"reading the arguments of weibo: {next(iter(arguments))}"):
        spider(**arguments)


@pytest.mark.parametrize(("known", "error"), [({}, CloseSpider), ({"profile_status": "complete"}, PageGone)])
def test_only_its_profile_says_that_there_is_no_such_root(known: dict[str, str], error: type[Exception]) -> None:
    made = spider()
    failure: Any = Failure(PageGone("weibo.cn/…", "gone (status 404)"))  # type: ignore[no-untyped-call]
    failure.request = made.follow_request({"user_id": made.roots[0], **known}, 0, page=2)
    with pytest.raises(error):
        made.root_lost(failure)


def test_who_it_begins_with_is_shown_as_a_pseudonym() -> None:
    pseudonymizer = Pseudonymizer(PseudonymKey.from_hex("5a" * 32, "the test"))
    shown = spider(root=OTHERS[0]).public_arguments(pseudonymizer)["root"]
    assert shown == pseudonymizer.pseudonym("weibo.user", OTHERS[0])


def test_those_of_a_file_are_shown_as_pseudonyms_too(tmp_path: Path) -> None:
    file = tmp_path / "roots.txt"
    file.write_text("\n".join(OTHERS), encoding="utf-8")
    pseudonymizer = Pseudonymizer(PseudonymKey.from_hex("5a" * 32, "the test"))
    shown = spider(root_file=str(file)).public_arguments(pseudonymizer)["root_file"]
    assert shown == [pseudonymizer.pseudonym("weibo.user", user_id) for user_id in OTHERS]


def test_tables_that_are_not_asked_for_are_not_expected() -> None:
    tables = [table.table() for table in spider().collected()]
    assert tables == ["users", "discoveries", "follows", "posts"]
    assert "comments" in [table.table() for table in spider(comments="true").collected()]
    few = spider(follow_pages="0", post_pages="0").collected()
    assert [table.table() for table in few] == ["users", "discoveries"]
