"""Research-ready datasets from Sketchfab, YouTube, Weibo and Letterboxd, crawled with Scrapy."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("crawlers")
except PackageNotFoundError:  # an egg on scrapyd carries no metadata of ours
    __version__ = "unknown"
