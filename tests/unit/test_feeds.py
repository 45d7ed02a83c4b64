"""Rows on their way into a feed: one by one, each naming its table."""

from __future__ import annotations

from itemadapter import ItemAdapter

from crawlers.extensions.feeds import FeedRow, TableFilter

ROW = {"user_id": "u1", "model_id": "m1"}


def test_a_row_in_a_feed_names_its_dataset_first_and_the_stored_row_does_not() -> None:
    row = FeedRow(ROW, "sketchfab/likes")
    assert list(row.items()) == [("dataset", "sketchfab/likes"), ("user_id", "u1"), ("model_id", "m1")]
    assert ItemAdapter(row).asdict() == row
    assert "dataset" not in ROW


def test_a_feed_may_be_kept_to_some_tables() -> None:
    row = FeedRow(ROW, "sketchfab/likes")
    assert TableFilter({"tables": ["sketchfab/likes"]}).accepts(row)
    assert not TableFilter({"tables": ["sketchfab/models"]}).accepts(row)
    assert not TableFilter({"tables": []}).accepts(row)
    assert TableFilter({}).accepts(row)
    assert TableFilter(None).accepts(row)
