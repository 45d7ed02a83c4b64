"""Every error the project raises on purpose.

CrawlerError
  ConfigurationError      a setting, argument, key or folder is wrong -> the message shows what is right; exit code 2
  TypeDefinitionError     an item type breaks a rule of `crawlers.items` -> a programmer fixes the type
  DatasetError            a published table cannot be merged into -> the message says what to move; exit code 6
    DamagedRecord         a record of a job's store is not what was written -> the message says what can be saved
  SiteError               something about the site; prints the path template of the URL, never the URL
    LayoutChanged         a page of no known shape -> its body is saved, for somebody to look at
    ServerFailed          the site answers with an error of its own, after all retries -> the request is a dead letter
    Blocked               a wall or a limit before this page, while others of its host are good -> a dead letter
    LoginRequired         a login before this page, while others of its host are good -> a dead letter
    PageGone              deleted, private or never there -> an answer like any other, unless the spider has an errback
  LeftSite                a page leads to a host that is not of its site -> a dead letter
  NoReplica               the sandbox does not serve the host of a request -> a dead letter
  CrawlStopping           the crawl ends while a request waits -> the request stays in the queue
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from scrapy.exceptions import IgnoreRequest


class CrawlerError(Exception):
    """Base of all our errors. `str()` of one never holds a raw URL, id or name: it may be logged."""


class ConfigurationError(CrawlerError):
    """What the user gave cannot work; the message says what was found and what to give instead."""


class TypeDefinitionError(CrawlerError, TypeError):
    """An item type whose markers the pipelines could not honour; raised when the class is defined."""


class DatasetError(CrawlerError):
    """A published table, or the folder it lies in, is not what we would write."""


class DamagedRecord(DatasetError):
    """What a job's store holds is not what was written into it."""


class SiteError(CrawlerError):
    """Something is wrong with a page.

    `template` is the page's host and path without anything personal (`crawlers.parsing.urls.path_template`),
    `found` says in words what was there instead of the expected.
    """

    def __init__(self, template: str, found: str) -> None:
        super().__init__(f"{template}: {found}")
        self.template = template
        self.found = found


class LayoutChanged(SiteError):
    """The page lacks a landmark that every page of its kind has had so far."""


class ServerFailed(SiteError, IgnoreRequest):
    """The site keeps answering with an error of its own."""


class Blocked(SiteError, IgnoreRequest):
    """The site shows other pages, but not this one."""


class LoginRequired(SiteError, IgnoreRequest):
    """The site shows other pages, but this one only to those who are logged in."""


class PageGone(SiteError, IgnoreRequest):
    """The page is deleted, private, or was never there."""


class LeftSite(CrawlerError, IgnoreRequest):
    """A request would leave the site; it was not sent."""


class NoReplica(CrawlerError, IgnoreRequest):
    """The sandbox does not serve the host of a request, and nothing leaves loopback."""


class CrawlStopping(CrawlerError, IgnoreRequest):
    """The crawl ends; the request was not sent and stays in the queue."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What to add to a message about a word that is not `known`: the one it was perhaps meant to be, or nothing."""
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""
