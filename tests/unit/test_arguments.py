"""What a spider is asked for: lists, files with lists, and how people among them are shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, StringConstraints, model_validator

from crawlers.datasets.records import brief
from crawlers.errors import ConfigurationError
from crawlers.frontier.job import Job, JobIdentity
from crawlers.items import Pseudonymize
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey
from crawlers.site_spider import Listed, ListedInFile, SiteSpider, SpiderArgs

Name = Annotated[str, StringConstraints(pattern="^[A-Za-z]+$", to_lower=True)]
KEY = PseudonymKey.from_hex("5eed" * 16, "the test")


class AskedArgs(SpiderArgs):
    people: Annotated[tuple[Name, ...], Listed, Pseudonymize("user"), Field(description="names, comma-separated")] = ()
    people_file: Annotated[
        tuple[Name, ...], ListedInFile, Pseudonymize("user"), Field(description="a file with a name a line")
    ] = ()
    person: Annotated[Name | None, Pseudonymize("user"), Field(description="one name")] = None
    words: Annotated[tuple[str, ...], Listed, Field(description="words")] = ()
    most: Annotated[int, Field(ge=0, description="how many")] = 0
    order: Annotated[Literal["old", "new"], Field(description="which first")] = "old"
    all: bool = False
    day: dt.date | None = None

    @model_validator(mode="after")
    def _agree(self) -> AskedArgs:
        if self.person and self.people:
            raise ValueError("give one person or several")
        return self


class AskedSpider(SiteSpider[AskedArgs]):
    name = "asked"


def shown(**arguments: Any) -> dict[str, Any]:
    return AskedSpider(**arguments).public_arguments(Pseudonymizer(KEY))


def pseudonym(name: str) -> str:
    return Pseudonymizer(KEY).pseudonym("asked.user", name)


def test_each_person_of_a_list_is_shown_as_a_pseudonym_of_their_own() -> None:
    found = shown(people="Anna, ben,", words="a,b")
    assert {name: found[name] for name in ("people", "people_file", "person", "words")} == {
        "people": [pseudonym("anna"), pseudonym("ben")], "people_file": [], "person": None, "words": ["a", "b"],
    }  # fmt: skip
    assert shown(person="ANNA")["person"] == pseudonym("anna")


def test_a_file_of_names_is_its_names_and_not_its_path(tmp_path: Path) -> None:
    names = tmp_path / "carla.txt"
    names.write_text("\ufeffAnna\n\n  ben  \n", encoding="utf-8")
    assert shown(people_file=str(names))["people_file"] == [pseudonym("anna"), pseudonym("ben")]
    before = AskedSpider(people_file=str(names)).argument_text()
    names.write_text("anna\n")
    assert AskedSpider(people_file=str(names)).argument_text() != before, "another file is another crawl"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"people": "anna,ben7"}, "people: entry 2: it is not written as it must be (names, comma-separated)"),
        ({"people_file": "/nowhere/anna"}, "people_file: the file cannot be read: No such file"),
        ({"people": "anna", "person": "anna"}, "give one person or several"),
        ({"peopel": "anna"}, "peopel: there is no such argument; asked takes people, people_file, person, words, most"),
        ({"peopel": "anna"}, "; did you mean 'people'?"),
        ({"most": "anna"}, "most: it must be a whole number (how many)"),
        ({"most": "-1"}, "most: it must be 0 or more (how many)"),
        ({"order": "anna"}, "order: it must be 'old' or 'new' (which first)"),
        ({"all": "anna"}, "all: it must be true or false"),
        ({"day": "anna"}, "day: it must be a day, YYYY-MM-DD"),
    ],
)
def test_what_is_refused_names_nobody(arguments: dict[str, str], found: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        AskedSpider(**arguments)
    assert found in str(error.value)
    assert not {"anna", "ben7"} & set(str(error.value).replace(",", " ").replace("/", " ").split())


def test_text_that_is_no_text_is_refused_without_showing_it(tmp_path: Path) -> None:
    (tmp_path / "names").write_bytes(b"\xff\xfeanna")
    with pytest.raises(ConfigurationError, match="the file cannot be read: it is not text"):
        AskedSpider(people_file=str(tmp_path / "names"))


def job(directory: Path, people: list[str]) -> Job:
    return Job(directory, JobIdentity("asked", {"people": people, "words": ["a"]}, KEY.key_id, None))


def test_a_job_does_not_begin_for_a_list_with_somebody_who_was_forgotten(tmp_path: Path) -> None:
    (tmp_path / "tombstones").write_text(f"{KEY.key_id} {pseudonym('ben')}\n")
    job(tmp_path / "others", [pseudonym("anna")]).close()
    with pytest.raises(ConfigurationError, match="'people' names a person whom `scrapy forget` erased"):
        job(tmp_path / "theirs", [pseudonym("anna"), pseudonym("ben")])
    begins_with = JobIdentity("asked", {"root": pseudonym("ben")}, KEY.key_id, None)
    with pytest.raises(ConfigurationError, match="erased, if only by its default; give another: -a root=<another>"):
        Job(tmp_path / "default", begins_with)


def test_a_long_list_is_shown_by_its_beginning(tmp_path: Path) -> None:
    assert brief(["a", "b", "c"]) == ["a", "b", "c"]
    assert brief(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "and 2 more"]
    many = [f"{number:032x}" for number in range(1000)]
    job(tmp_path / "job", many).close()
    with pytest.raises(ConfigurationError) as error:
        job(tmp_path / "job", many[1:])
    assert len(str(error.value)) < 900
