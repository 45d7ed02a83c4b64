"""Our collector of stats counts as Scrapy's does."""

from __future__ import annotations

from scrapy import Spider
from scrapy.statscollectors import MemoryStatsCollector, StatsCollector
from scrapy.utils.test import get_crawler

from crawlers.stats import PlainStatsCollector


def counted(collector: StatsCollector) -> object:
    collector.open_spider()
    collector.set_value("start", 1)
    collector.inc_value("pages")
    collector.inc_value("pages", 2)
    collector.inc_value("rows", 5, start=10)
    collector.max_value("deepest", 3)
    collector.max_value("deepest", 2)
    collector.min_value("least", 3)
    collector.min_value("least", 2)
    collector.close_spider(reason="finished")
    return collector.get_stats(), collector.get_value("pages"), collector.get_value("other", "none")


def test_counting_is_scrapys() -> None:
    crawler = get_crawler(Spider)
    assert counted(PlainStatsCollector(crawler)) == counted(MemoryStatsCollector(crawler))
