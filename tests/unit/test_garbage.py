"""Once a crawl has begun, the garbage collector leaves alone what was there before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from scrapy import Spider, signals
from scrapy.utils.test import get_crawler

from crawlers.extensions.garbage import NEW_OBJECTS, RarerCollections


@pytest.fixture
def collector_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("collector_as_it_was")
def test_a_crawl_collects_its_own_garbage_and_no_older_objects() -> None:
    class Knot:
        def __init__(self) -> None:
            self.itself = self

    crawler = get_crawler(Spider)
    extension = RarerCollections.from_crawler(crawler)
    crawler.signals.send_catch_log(signals.spider_opened, spider=Spider("one"))
    assert isinstance(extension, RarerCollections)  # the signal does not keep it alive
    assert gc.get_freeze_count() > NEW_OBJECTS
    assert gc.get_threshold()[0] == NEW_OBJECTS
    Knot()
    assert gc.collect() >= 1
