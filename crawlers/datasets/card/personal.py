"""The part of a dataset card that speaks for the people in the tables."""

from __future__ import annotations

from collections.abc import Iterator

from crawlers.datasets.card.facts import SiteFacts, TableFacts
from crawlers.datasets.card.tables import markdown_table
from crawlers.datasets.unicity import SEED, Unicity
from crawlers.items import FreeText, Pseudonymize


def personal_data(facts: SiteFacts) -> Iterator[str]:
    """What was done to names, who can be found nevertheless, what is forbidden, and how somebody gets out."""
    yield "## Personal data\n"
    yield (
        "**These tables are personal data.** They are pseudonymised: whoever has the key, or knows enough of a person, "
        "finds that person in them. Data protection law applies to whoever uses them.\n"
    )
    yield from _pseudonyms(facts)
    yield from _texts(facts)
    for table in facts.tables:
        yield from _singled_out(table)
    yield from _rules(facts)


def _pseudonyms(facts: SiteFacts) -> Iterator[str]:
    kinds = sorted({marker.kind for table in facts.tables for marker in table.info.table.marked(Pseudonymize).values()})
    if not kinds:
        yield "No column holds a pseudonym.\n"
        return
    key = f"the key with the id {', '.join(f'`{key}`' for key in facts.key_ids)}" if facts.key_ids else "a secret key"
    yield (
        f"Identifiers ({', '.join(f'`{kind}`' for kind in kinds)}) are replaced by HMAC-SHA256 with {key}, cut to 128 "
        "bits: 32 hex digits, the same for the same id in all tables of this folder. The key is not here. Names and "
        "pictures of people are not published.\n"
    )


def _texts(facts: SiteFacts) -> Iterator[str]:
    texts = [
        f"`{table.info.table.table()}.{name}`" for table in facts.tables for name in table.info.table.marked(FreeText)
    ]
    if texts:
        yield (
            f"Texts that people wrote ({', '.join(texts)}) are scrubbed: web and mail addresses, mentions, telephone "
            "and other long numbers are replaced by `<url>`, `<email>`, `@user` or the person's pseudonym, `<phone>` "
            "and `<num>`. Names in plain sentences are **not** found, and a text can be searched for on the site.\n"
        )


def _singled_out(table: TableFacts) -> Iterator[str]:
    if table.pairs is None or not table.unicity:
        return
    pairs = table.pairs
    shares = [f"by `{pairs.other}`", *([f"by `{pairs.other}` and `{pairs.value}`"] if pairs.value else [])]
    yield f"### Who can be found in {table.info.dataset}\n"
    yield (
        f"Somebody who knows of a few rows of a person in `{table.info.table.table()}` finds all others, if nobody "
        "else has those rows too. The source is public, so such knowledge is easy to come by.\n"
    )
    yield from markdown_table(
        ["known rows of a person", "people with so many", "asked about", *(f"singled out {share}" for share in shares)],
        ([f"{n:,}" for n in (found.facts, found.people, found.asked)] + _shares(found) for found in table.unicity),
        numbers=3 + len(shares),
    )
    if any(found.asked < found.people for found in table.unicity):
        yield (
            f"People and their known rows were drawn by lot (seed {SEED}). With 2,000 people asked about, a share is "
            "right within 2.2 points in 19 of 20 cases.\n"
        )
    else:
        yield f"Everybody was asked about; the known rows were drawn by lot (seed {SEED}).\n"


def _shares(found: Unicity) -> list[str]:
    counts = [found.singled_out, *([found.by_value] if found.by_value is not None else [])]
    return [f"{count / found.asked:.1%}" for count in counts]


def _rules(facts: SiteFacts) -> Iterator[str]:
    yield "### What is forbidden\n"
    yield (
        "Do not try to find out who somebody is, do not link these rows to other data about people, do not contact "
        "anybody found here, and do not use them to decide anything about a person. Whoever passes the tables on "
        "passes on these rules, and answers for having a lawful reason to.\n"
    )
    yield "### Erasure\n"
    contact = next((run.contact for run in facts.runs if run.contact), None)
    where = f"at <{contact}>" if contact else "of whoever gave you these tables"
    yield (
        f"Everybody in these tables can ask to be erased, {where}. `scrapy forget {facts.site}` erases a person from "
        "the tables, the jobs and the records, and keeps later crawls from bringing them back. Copies are not reached: "
        "replace yours by the tables as they are now; adding new rows to old ones keeps who was erased.\n"
    )
