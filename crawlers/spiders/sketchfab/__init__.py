"""Sketchfab: all models above a number of likes, and who likes them.

arguments.py  what can be asked for
probe.py      whether the site still says who likes what
slices.py     the parts in which a list is read that ends too soon
reading.py    where the reading of a list stands, from page to page
spider.py     which page leads to which
"""

from crawlers.spiders.sketchfab.spider import SketchfabSpider

__all__ = ["SketchfabSpider"]
