"""Counting at less cost."""

from __future__ import annotations

from scrapy.statscollectors import MemoryStatsCollector


class PlainStatsCollector(MemoryStatsCollector):
    """Scrapy's collector without its wrapper around every access, which looks for a use that is no longer allowed.

    A page counts thirty things, at 1.3 us each with the wrapper and 0.07 without: 4 % of its CPU.
    """

    __getattribute__ = object.__getattribute__
