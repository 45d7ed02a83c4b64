"""`scrapy export sketchfab`: files that code written for rec-a-sketch reads, and that hold what the tables hold."""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from scrapy.settings import Settings

from crawlers.commands.export import Command
from crawlers.items import sites
from tests.crawls.running import Crawls, running_sandbox

FILES = ("model_urls.psv", "model_likes_anon.psv", "model_feats.psv")
QUOTE, SEPARATOR, END = "\\", "|", "\r\n"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawls:
    crawls = Crawls(tmp_path_factory.mktemp("crawled"))
    with running_sandbox(seed=4, size=200) as sandbox:
        ended = crawls.crawl(sandbox)
    assert ended.returncode == 0, ended.stderr
    return crawls


@pytest.fixture(scope="module")
def exported(crawled: Crawls) -> Path:
    directory = crawled.directory / "export" / "psv"
    ended = crawled.scrapy("export", "sketchfab", str(directory))
    assert ended.returncode == 0, ended.stderr
    assert [line.partition(":")[0].rpartition("/")[2] for line in ended.stdout.splitlines()] == list(FILES)
    assert sorted(path.name for path in directory.iterdir()) == sorted(FILES)
    return directory


def records(text: str) -> Iterator[list[str]]:
    """The records of a file, by the description of the format alone.

    A field ends at a bar, a record at CR LF. A field that begins with a backslash ends at the next single one; two of
    them stand for one.
    """
    fields, at = [], 0
    while at < len(text):
        field = ""
        if text[at] == QUOTE:
            at += 1
            while text[at] != QUOTE or text[at + 1] == QUOTE:
                field += text[at]
                at += 2 if text[at] == QUOTE else 1
            at += 1
        else:
            while text[at] != SEPARATOR and not text.startswith(END, at):
                field += text[at]
                at += 1
        fields.append(field)
        if text[at] == SEPARATOR:
            at += 1
        else:
            assert text.startswith(END, at)
            yield fields
            fields, at = [], at + len(END)


def read(path: Path) -> list[list[str]]:
    return list(records(path.read_bytes().decode("utf-8")))


def ranked(crawled: Crawls) -> list[dict[str, object]]:
    """The models, most liked first."""
    models: list[dict[str, object]] = crawled.table("models").to_pylist()
    return sorted(models, key=lambda model: (-int(str(model["like_count"])), model["model_id"]))


def test_the_models_are_those_of_the_table_most_liked_first(crawled: Crawls, exported: Path) -> None:
    header, *rows = read(exported / "model_urls.psv")
    assert header == ["name", "mid"]
    assert rows == [[model["name"], model["model_id"]] for model in ranked(crawled)]
    names = "".join(name for name, _ in rows)
    assert all(sign in names for sign in (SEPARATOR, QUOTE, "\n", '"', "龙")), "no name is there to be quoted"


def test_the_likes_are_those_of_the_table_with_names_and_pseudonyms(crawled: Crawls, exported: Path) -> None:
    header, *rows = read(exported / "model_likes_anon.psv")
    assert header == ["modelname", "mid", "uid"]
    names = {model["model_id"]: model["name"] for model in ranked(crawled)}
    places = {model: place for place, model in enumerate(names)}
    likes = crawled.table("likes").to_pylist()
    likes.sort(key=lambda like: (places[like["model_id"]], like["position"], like["user_id"]))
    assert rows == [[names[like["model_id"]], like["model_id"], like["user_id"]] for like in likes]
    assert len({(mid, uid) for _, mid, uid in rows}) == len(rows) > 1000
    assert all(len(uid) == 32 for _, _, uid in rows)


def test_the_features_are_categories_and_tags_in_the_order_of_the_table(crawled: Crawls, exported: Path) -> None:
    header, *rows = read(exported / "model_feats.psv")
    assert header == ["mid", "type", "value"]
    wanted = [
        [model["model_id"], kind, value]
        for model in ranked(crawled)
        for kind, column in (("category", "categories"), ("tag", "tags"))
        for value in model[column]  # type: ignore[attr-defined]  # a list of slugs
    ]
    assert rows == wanted


@pytest.mark.parametrize("name", FILES)
def test_csv_and_pandas_read_the_same_records(exported: Path, name: str) -> None:
    header, *rows = read(exported / name)
    with (exported / name).open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, delimiter="|", quotechar="\\")) == [header, *rows]
    frame = pd.read_csv(
        exported / name, sep="|", quotechar="\\", quoting=csv.QUOTE_MINIMAL, dtype=str, keep_default_na=False
    )
    assert [*frame.columns] == header
    assert frame.to_numpy().tolist() == rows


def test_likes_of_models_that_are_not_in_the_table_are_left_out_and_counted(crawled: Crawls, crawls: Crawls) -> None:
    shutil.copytree(crawled.output, crawls.output)
    pq.write_table(crawled.table("models").slice(3), crawls.output / "sketchfab" / "models" / "models.parquet")
    ended = crawls.scrapy("export", "sketchfab", str(crawls.directory / "psv"))
    assert ended.returncode == 0, ended.stderr
    models, likes = crawls.table("models")["model_id"].to_pylist(), crawls.table("likes")["model_id"].to_pylist()
    elsewhere = sum(model not in models for model in likes)
    assert elsewhere > 0
    assert f"without {elsewhere:,} likes of models that are not in sketchfab/models" in ended.stdout
    assert len(read(crawls.directory / "psv" / "model_likes_anon.psv")) == 1 + len(likes) - elsewhere


def test_what_cannot_be_exported_is_refused_in_one_line(
    crawled: Crawls, crawls: Crawls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(crawls: Crawls, *arguments: str, code: int) -> str:
        """What the command says when it refuses: one line, no traceback."""
        command = Command()
        command.settings = Settings({"OUTPUT_DIR": str(crawls.output)})
        command.run([*arguments], argparse.Namespace())
        printed = capsys.readouterr()
        assert (command.exitcode, printed.out) == (code, "")
        (line,) = printed.err.splitlines()
        assert line.startswith("scrapy export: ")
        return line

    assert f"the sites are {', '.join(sites())}" in refused(crawls, "sketchfap", str(tmp_path / "x"), code=2)
    assert "there are no tables of sketchfab" in refused(crawls, "sketchfab", str(tmp_path / "x"), code=2)
    shutil.copytree(crawled.output, crawls.output)
    (tmp_path / "file").write_text("no directory")
    assert "File exists; name a directory you may write" in refused(crawls, "sketchfab", str(tmp_path / "file"), code=2)
    (crawls.output / "sketchfab" / "likes" / "likes.parquet").write_bytes(b"PAR1 no more")
    assert "reading the tables" in refused(crawls, "sketchfab", str(tmp_path / "psv"), code=6)
    shutil.rmtree(crawls.output / "sketchfab" / "likes")
    assert "there is no table sketchfab/likes" in refused(crawls, "sketchfab", str(tmp_path / "psv"), code=2)
    assert not list((tmp_path / "psv").iterdir())


def test_a_site_and_a_directory_have_to_be_given(crawls: Crawls) -> None:
    ended = crawls.scrapy("export", "sketchfab")
    assert ended.returncode == 2
    assert "give a site and a directory" in ended.stderr
