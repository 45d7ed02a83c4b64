"""What a crawl published, row by row, against what it publishes without faults."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.crawls.running import Crawls
from tests.kills.killing import PROVENANCE

_KEYS = {"models": ("model_id",), "likes": ("user_id", "model_id")}


@dataclass
class Difference:
    """Rows by table, and columns by table and name."""

    lost: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    models: set[object] = field(default_factory=set)
    """The models of all rows that differ."""


@dataclass(frozen=True)
class Tables:
    """The published rows of Sketchfab by table and key, without what differs between any two crawls."""

    rows: dict[tuple[object, ...], dict[str, object]]

    @classmethod
    def of(cls, crawls: Crawls) -> Tables:
        rows: dict[tuple[object, ...], dict[str, object]] = {}
        for table, key in _KEYS.items():
            if (crawls.output / "sketchfab" / table).exists():
                for row in crawls.table(table).to_pylist():
                    rows[(table, *(row[name] for name in key))] = {
                        name: value for name, value in row.items() if name not in PROVENANCE
                    }
        return cls(rows)

    def against(self, undisturbed: Tables) -> Difference:
        found = Difference()
        for key in self.rows.keys() | undisturbed.rows.keys():
            table, mine, wanted = str(key[0]), self.rows.get(key), undisturbed.rows.get(key)
            if mine == wanted:
                continue
            found.models.add(key[-1])
            if mine is None:
                found.lost[table] += 1
            elif wanted is None:
                found.added[table] += 1
            else:
                found.changed.update(f"{table}.{name}" for name in wanted if mine[name] != wanted[name])
        return found
