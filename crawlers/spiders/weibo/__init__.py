"""Weibo: breadth-first over the lists of whom people follow, with the posts of everybody who is found."""

from crawlers.spiders.weibo.spider import WeiboSpider

__all__ = ["WeiboSpider"]
