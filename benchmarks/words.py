"""How fast texts are cut into words, and how far the cuts agree with others': a person's, and the original system's."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import regex

from benchmarks.figures import Figure
from crawlers.pipelines.tokenize_text import tokenize
from tests.crawls.running import ROOT

SEGMENTED = Path(__file__).with_name("segmented.txt")
HAN = regex.compile(r"\p{Han}{2,}")
REPEATS = 5


def measure(_directory: Path) -> list[Figure]:
    """`segmented.txt` has invented posts that a person cut into words; the other texts are real and lie elsewhere.

    Agreement counts words of a text that both have, stop words and numbers aside, of all that either has (F1). The
    original kept a list of its words: those it saw as one that we do, too.
    """
    datasets = Path(os.environ.get("DATASETS_DIR", ROOT.parent / "shared" / "datasets"))
    figures = [_by_hand(SEGMENTED.read_text(encoding="utf-8").splitlines())]
    for name, measured in (("weibo-ner-texts/texts.parquet", _speed), ("sina-weibo/keywords.parquet", _keywords)):
        path = datasets / name
        figures.append(
            measured(path)
            if path.exists()
            else Figure("words", f"words of {name}", f"skipped: there is no {path}; set DATASETS_DIR")
        )
    return figures


def _by_hand(lines: Iterable[str]) -> Figure:
    """Only what a text has in both counts, as often as it has it in both."""
    shared = ours = theirs = sentences = 0
    for line in lines:
        words = line.split()
        reference = Counter(word for word in words if tokenize(word, "zh"))
        found = Counter(tokenize("".join(words), "zh"))
        shared += (reference & found).total()
        ours, theirs, sentences = ours + found.total(), theirs + reference.total(), sentences + 1
    f1 = 2 * shared / (ours + theirs)
    what = f"words of {sentences} invented posts, cut by hand: F1 of {theirs} words"
    return Figure("words", what, f"{f1:.3f}", ">= 0.80", f1 >= 0.80)


def _speed(path: Path) -> Figure:
    texts = pq.read_table(path)["text"].to_pylist()
    tokenize(texts[0], "zh")  # the dictionary is read once
    times = []
    for _ in range(REPEATS):
        started = time.process_time()
        words = sum(len(tokenize(text, "zh")) for text in texts)
        times.append(time.process_time() - started)
    rate = words / min(times)
    what = f"words of {len(texts):,} real posts, best of {REPEATS}"
    shown = f"{rate / 1e6:.2f} million a second, {len(texts) / min(times):,.0f} posts a second"
    return Figure("words", what, shown, ">= 0.2 million", rate >= 2e5)


def _keywords(path: Path) -> Figure:
    keywords = [word for word in pq.read_table(path)["keyword"].to_pylist() if HAN.fullmatch(word)]
    cut = [(word, tokenize(word, "zh")) for word in keywords]
    ruled_on = [(word, words) for word, words in cut if words]  # not our stop words
    share = sum(words == [word] for word, words in ruled_on) / len(ruled_on)
    what = f"of the {len(ruled_on):,} Chinese words of the original system, one word here too"
    return Figure("words", what, f"{share:.1%}", ">= 85%", share >= 0.85)
