"""YouTube: all results of searches, and the facts of every video in them."""

from crawlers.spiders.youtube.spider import YoutubeSpider

__all__ = ["YoutubeSpider"]
