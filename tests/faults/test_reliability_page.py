"""The table of faults in docs/reliability.md says what the matrix says, and the matrix is what is tested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.faults import FAULTS
from tests.faults.matrix import CASES, LISTS, PAGES, Case

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    faults: list[str]
    stock: str
    ours: str
    ends: str

    @property
    def ending(self) -> tuple[str, str]:
        """How a crawl ends with the fault in a page of likes, and in the list of models."""
        page, _, in_the_list = self.ends.partition("; in the list ")
        return page, in_the_list


def lines() -> list[Line]:
    table = PAGE.read_text(encoding="utf-8").partition("| fault | stock Scrapy | what we do | ends as |\n")[2]
    rows = [line.strip("| ").split(" | ") for line in table.partition("\n\n")[0].splitlines()[1:]]
    return [Line(re.findall(r"`(\w+)`", faults), *rest) for faults, *rest in rows]


def told(case: Case) -> str:
    """The end of a case in the words of the table."""
    ends = f"`{case.reason}` ({case.code})"
    return f"{ends}, dead letter `{case.failed}`" if case.failed else ends


def test_every_fault_has_one_line() -> None:
    assert sorted(fault for line in lines() for fault in line.faults) == sorted(FAULTS)
    assert all(line.stock and line.ours for line in lines())


def test_every_fault_has_one_case_in_a_page_of_likes() -> None:
    assert sorted(fault for case in PAGES for fault in case.always) == sorted(FAULTS)
    assert len(CASES) == len(FAULTS) + len(LISTS)


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.faults[0])
def test_a_line_says_how_the_crawls_of_its_faults_end(line: Line) -> None:
    page, in_the_list = line.ending
    assert {told(CASES[fault]) for fault in line.faults} == {page}
    lists = [CASES[f"{fault}-in-the-list"] for fault in line.faults if f"{fault}-in-the-list" in CASES]
    assert {told(case) for case in lists} == ({in_the_list} if in_the_list else set())
