"""`scrapy forget`: erase one person from every table of a site."""

from __future__ import annotations

import argparse
import os
import sys
from getpass import getpass

from rich.table import Table
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawlers.datasets.erase import Erased
from crawlers.errors import ConfigurationError, DatasetError
from crawlers.folders import check_folders, in_sandbox, jobs_dir, output_dir, shown
from crawlers.frontier.erase import Person
from crawlers.frontier.forget import Receipt, forget, refuse_pseudonym
from crawlers.frontier.raw_id import RawId
from crawlers.items import sites, tables
from crawlers.items.identifiers import identifier, kinds
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey, load_key
from crawlers.replicas import find_sandbox
from crawlers.terminal import standard_output


class Command(ScrapyCommand):
    """Erases a person and prints a receipt without a name or pseudonym."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] <site> <kind> <raw id>"

    def short_desc(self) -> str:
        return "Erase one person from every table of a site, and keep later crawls from bringing them back"

    def long_desc(self) -> str:
        return (
            f"Erase the person whose id of that kind the site writes as <raw id> ({_kinds()}; docs/commands.md says "
            "which id that is): rows that hold the pseudonym, mentions in other people's texts, queued requests and "
            "saved pages. A tombstone keeps later crawls from bringing the person back. Give - instead of the id and "
            "write the id to standard input: arguments show in process lists and in the shell's history. Needs the "
            "pseudonym key, and no running crawl of the site. Can be repeated. Exit codes: 0 erased, also if nothing "
            "was there; 2 refused; 6 a table or job is not as it must be, or cannot be written."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 3 or any(argument.startswith("-") and argument != "-" for argument in args):
            raise UsageError("give a site, a kind and an id, best on standard input: scrapy forget sketchfab user -")
        assert self.settings is not None  # noqa: S101  (Scrapy sets it before it runs a command)
        site, kind, raw = args
        output, jobs = output_dir(self.settings), jobs_dir(self.settings)
        try:
            raw = identifier(site, kind, _from_standard_input() if raw == "-" else raw)
            check_folders(output, jobs)
            key = _key(self.settings)
            refuse_pseudonym(site, raw, output, jobs)
            person = Person(RawId(raw), Pseudonymizer(key).pseudonym(f"{site}.{kind}", raw))
            receipt = forget(site, person, key.key_id, output, jobs)
        except (ConfigurationError, DatasetError) as error:
            print(f"scrapy forget: {error}", file=sys.stderr)
            self.exitcode = 6 if isinstance(error, DatasetError) else 2
            return
        places = f"in {shown(output / site)} and {shown(jobs / site)}"
        if receipt.found_nobody():
            print(
                f"found nobody of this id ({site} {kind}) {places}: if there should be somebody, see that the id is "
                "the one that docs/commands.md speaks of, and that the folders and the key are those of the crawls"
            )
        else:
            print(f"forgot one person of {site} ({kind}), {places}")
        _print(receipt, site)


def _from_standard_input() -> str:
    if sys.stdin.isatty():
        return getpass("id (not shown): ").strip()
    lines = sys.stdin.read().splitlines()
    if len(lines) != 1:
        raise ConfigurationError(
            f"reading the id from standard input: found {len(lines)} lines; give one id on one line"
        )
    return lines[0].strip()


def _key(settings: BaseSettings) -> PseudonymKey:
    """The key that a crawl with the same settings has."""
    if in_sandbox(settings) and (of_the_world := find_sandbox(settings).pseudonym_key) is not None:
        return PseudonymKey.from_hex(of_the_world, "the sandbox's world")
    if not settings.get("PSEUDONYM_KEY_FILE") and not os.environ.get("PSEUDONYM_KEY"):
        raise ConfigurationError(
            "no pseudonym key: it takes the very key that the crawls had, for no other finds the person; pass its "
            "file, -s PSEUDONYM_KEY_FILE=<path>, or set the environment variable PSEUDONYM_KEY; an invented world of "
            "the sandbox has its own, with -s SANDBOX=True"
        )
    return load_key(settings.get("PSEUDONYM_KEY_FILE"), os.environ)


def _kinds() -> str:
    return "; ".join(f"{site}: {', '.join(kinds(site))}" for site in sites())


def _print(receipt: Receipt, site: str) -> None:
    rows = Table(box=None, pad_edge=False, header_style="bold")
    rows.add_column("table", no_wrap=True)
    for name in ("published rows", "staged rows", "spooled rows", "texts"):
        rows.add_column(name, justify="right", no_wrap=True)
    places = (receipt.published, receipt.staged, receipt.jobs.spooled)
    datasets = [*(table.dataset for table in tables(site)), *(dataset for place in places for dataset in place)]
    for dataset in dict.fromkeys(datasets):
        found = [place.get(dataset, Erased()) for place in places]
        numbers = [*(erased.rows for erased in found), sum(erased.texts for erased in found)]
        rows.add_row(dataset.partition("/")[2], *(f"{number:,}" for number in numbers))
    jobs = receipt.jobs
    console = standard_output()
    console.print(rows)
    console.print(
        f"requests: {jobs.waiting:,} waiting, {jobs.failed:,} failed, {jobs.thinned:,} changed; facts: {jobs.facts:,}; "
        f"saved pages: {jobs.pages:,}; manifests: {receipt.manifests:,}"
    )
    if jobs.named:
        console.print(
            f"{jobs.named:,} jobs were asked for this person and cannot go on; `scrapy jobs` lists them with @user, "
            "and --drop publishes the other rows and deletes such a job"
        )
    console.print(
        "A tombstone keeps later crawls with this key and jobs directory from bringing the person back.\n"
        "Not reached: copies made elsewhere (exports, feeds, downloads, uploads, backups). Tell those who have one."
    )
