"""While a crawl runs, the garbage collector leaves alone what was there before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from scrapy import Spider, signals
from scrapy.utils.test import get_crawler

from crawlers.extensions.garbage import NEW_OBJECTS, RarerCollections


class Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_a_crawl_collects_its_own_garbage_and_no_older_objects() -> None:
    crawler = get_crawler(Spider)
    extension = RarerCollections.from_crawler(crawler)
    crawler.signals.send_catch_log(signals.spider_opened, spider=Spider("one"))
    assert gc.get_freeze_count() > NEW_OBJECTS
    assert gc.get_threshold()[0] == NEW_OBJECTS
    Knot()
    assert gc.collect() >= 1
    crawler.signals.send_catch_log(signals.spider_closed, spider=Spider("one"), reason="finished")
    assert gc.get_freeze_count() == 0
    assert isinstance(extension, RarerCollections)  # signals do not keep it alive
