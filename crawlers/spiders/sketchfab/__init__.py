"""Sketchfab: all models above a number of likes, and who likes them.

arguments.py  what can be asked for
listing.py    finding the models
slices.py     the parts in which a list of models is read that ends too soon
reading.py    where the reading of a list stands, from page to page
spider.py     the probe, the people whom models lead to, and the lists of likes
"""

from crawlers.spiders.sketchfab.spider import SketchfabSpider

__all__ = ["SketchfabSpider"]
