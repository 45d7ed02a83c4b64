"""The six files of the Weibo crawl of 2017: people, who follows whom, posts, keywords, and communities.

People are numbered in the order of discovery, which is the line of each in ``user_list.txt``, from 0 on. Ids and names
are pseudonyms. All files are UTF-8 (the original's were GBK, and lost 271 keywords to it), with a newline at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.datasets.check import table_file
from crawlers.datasets.files import ONLY_READ, storage_errors
from crawlers.errors import ConfigurationError
from crawlers.exports.files import Exported, writing
from crawlers.folders import shown
from crawlers.items import Item
from crawlers.items.weibo import Discovery, Follow, Post

SEED = 0
Edge = tuple[int, int]


def export(output_dir: Path, directory: Path) -> Iterator[Exported]:
    """Write all six. Edges to people beyond the limit of users, and posts of such, are left out.

    Raises: ConfigurationError: there is no table of who was seen; DatasetError: a table cannot be read, a file not
        written.
    """
    if not table_file(Discovery, output_dir).exists():
        raise ConfigurationError(
            f"there is no table {Discovery.dataset} in {shown(output_dir)}, which numbers the people; crawl weibo first"
        )
    by = ["discovery_index", "first_seen_at", "user_id"]
    with storage_errors("exporting the tables of weibo", output_dir / Discovery.site(), ONLY_READ):
        people = [row["user_id"] for row in _rows(Discovery, output_dir, by)]
        index = {person: place for place, person in enumerate(people)}
        yield _lines(directory / "user_list.txt", (f"{person}\t{person}" for person in people))
        follows = _rows(Follow, output_dir, ["rank", "source_id", "target_id"])
        edges = follow_graph(index, follows)
        note = _without((len(follows) - len(edges), f"follows of people who are not in {Discovery.dataset}"))
        yield _lines(directory / "topo.txt", (f"{source}\t{target}" for source, target in edges), note)
        posts, of_others = _posts(index, output_dir)
        yield _content(directory / "content.txt", posts, of_others)
        yield from _keywords(directory, posts)
        yield _communities(directory / "community_membership.txt", len(people), edges)


def follow_graph(index: dict[str, int], follows: Iterable[dict[str, Any]]) -> list[Edge]:
    """Who follows whom, by number, sorted by source and then as in the source's list; nobody follows themselves."""
    found = [
        (index[row["source_id"]], row["rank"], index[row["target_id"]])
        for row in follows
        if row["source_id"] in index and row["target_id"] in index and row["source_id"] != row["target_id"]
    ]
    return [(source, target) for source, _, target in sorted(found)]


def communities(size: int, edges: Iterable[Edge]) -> tuple[list[int], float]:
    """The community of each of `size` people, 0 is the largest, and the modularity of the partition.

    Louvain on the undirected graph, with a fixed seed; whoever has no edge is a community alone. 0 edges: modularity 0.
    """
    import networkx as nx  # noqa: PLC0415  (takes 0.3 s, and only this command needs it)

    graph = nx.Graph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(edges)
    if not graph.number_of_edges():
        return list(range(size)), 0.0
    parts = sorted(nx.community.louvain_communities(graph, seed=SEED), key=lambda part: (-len(part), min(part)))
    labels = {person: label for label, part in enumerate(parts) for person in part}
    return [labels[person] for person in range(size)], float(nx.community.modularity(graph, parts))


def _rows(table: type[Item], output_dir: Path, columns: list[str]) -> list[dict[str, Any]]:
    """The rows of a table, sorted by `columns` in this order; none where it was not crawled."""
    path = table_file(table, output_dir)
    if not path.exists():
        return []
    keys = [(column, "ascending") for column in columns]
    rows: list[dict[str, Any]] = pq.read_table(path, columns=columns).sort_by(keys).to_pylist()
    return rows


def _without(*left_out: tuple[int, str]) -> str:
    """What a file lacks that the table has: ``without 12 posts that hold no words``."""
    found = [f"{count:,} {what}" for count, what in left_out if count]
    return f"without {' and '.join(found)}" if found else ""


def _posts(index: dict[str, int], output_dir: Path) -> tuple[list[tuple[int, list[dict[str, Any]]]], int]:
    """The posts of everybody who has some, newest first, by the number of the author; and how many are of others."""
    path = table_file(Post, output_dir)
    if not path.exists():
        return [], 0
    rows = pq.read_table(path, columns=["user_id", "created_at", "post_id", "text", "text_tokens"])
    newest_first = rows.sort_by([("created_at", "descending"), ("post_id", "ascending")]).to_pylist()
    of: dict[int, list[dict[str, Any]]] = {}
    for post in newest_first:
        if (author := index.get(post["user_id"])) is not None:
            of.setdefault(author, []).append(post)
    return sorted(of.items()), len(newest_first) - sum(map(len, of.values()))


def _content(path: Path, posts: Sequence[tuple[int, list[dict[str, Any]]]], of_others: int) -> Exported:
    """A block for each author, a line for each post that has words. A line cannot be taken for a mark: posts that begin
    like one get a space before it."""
    written = 0
    with writing(path) as file:
        for author, own in posts:
            texts = [" ".join(post["text"].split()) for post in own]
            lines = [f" {text}" if text.startswith("@@") else text for text in texts if text]
            file.write("\n".join([f"@@{author}:", "@@Content:", *lines, "@@ContentEnd", ""]))
            written += len(lines)
    wordless = sum(len(own) for _, own in posts) - written
    note = _without((wordless, "posts without words"), (of_others, f"of people who are not in {Discovery.dataset}"))
    return Exported(path, written, note)


def _keywords(directory: Path, posts: Sequence[tuple[int, list[dict[str, Any]]]]) -> Iterator[Exported]:
    """Every word once, in the order in which it was first used, and who used it: a line for each person and word."""
    words: dict[str, int] = {}
    pairs: list[str] = []
    for author, own in posts:
        used = dict.fromkeys(word for post in own for word in post["text_tokens"] or ())
        pairs += [f"{author}\t{words.setdefault(word, len(words))}" for word in used]
    yield _lines(directory / "dict.txt", words)
    yield _lines(directory / "content_index.txt", pairs)


def _communities(path: Path, size: int, edges: Sequence[Edge]) -> Exported:
    labels, modularity = communities(size, edges)
    written = _lines(path, map(str, labels))
    count = len(set(labels))
    return Exported(path, written.rows, f"{count:,} communities, modularity {modularity:.4f} (Louvain, seed {SEED})")


def _lines(path: Path, lines: Iterable[str], note: str = "") -> Exported:
    rows = 0
    with writing(path) as file:
        for line in lines:
            file.write(f"{line}\n")
            rows += 1
    return Exported(path, rows, note)
