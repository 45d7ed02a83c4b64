"""Prepares a crawl before its first request: sandbox, key, folders, tables and job. Whatever is wrong stops it here."""

from __future__ import annotations

import importlib.util
import logging
import os
from typing import TYPE_CHECKING, Any

from crawlers.accounts import Account, checked, chosen, load_accounts, way_on
from crawlers.browser import launch_options
from crawlers.datasets.check import check_table
from crawlers.datasets.news import PublishedTables
from crawlers.datasets.records import runs
from crawlers.errors import ConfigurationError
from crawlers.folders import check_absolute, check_folders, in_sandbox, jobs_dir, make_folder, output_dir, shown
from crawlers.frontier import tombstones
from crawlers.frontier.account_states import AccountStates
from crawlers.frontier.job import Job, JobIdentity
from crawlers.given_settings import check_given
from crawlers.items import tables
from crawlers.logs import quiet_start, redact_logs
from crawlers.pages import page_module
from crawlers.pseudonyms import Pseudonymizer, PseudonymKey, load_key
from crawlers.replicas import Sandbox, ServedWorld, find_sandbox
from crawlers.site_spider import SiteSpider

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

# What makes a crawl a dataset; `scrapy shell` and `scrapy fetch` do without.
_OUR_STACK = ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES", "EXTENSIONS")


class CrawlersAddon:
    """What the parts of one crawl share: `key`, `sandbox`, `job`, and for sites that need them `accounts` with their
    `account_states`."""

    key: PseudonymKey
    job: Job
    sandbox: Sandbox | None = None
    accounts: Sequence[Account] = ()
    account_states: AccountStates

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Set up the crawl.

        Raises: ConfigurationError: a setting, key, folder or job is not usable, or the sandbox does not answer.
            DatasetError: a published table cannot be merged into.
        """
        spider = self._crawler.spider
        if isinstance(spider, SiteSpider):
            _refuse_secrets(spider, settings)
            check_given(settings, spider.name)
        if in_sandbox(settings):
            self.sandbox = find_sandbox(settings)
            _route_to(self.sandbox, settings)
        if settings["LOG_LEVEL"] != "DEBUG":
            quiet_start()
        if not isinstance(spider, SiteSpider):
            for setting in _OUR_STACK:
                settings.set(setting, {}, priority="spider")
            settings.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", priority="spider")
            return
        redact_logs(page_module(spider.name).ROUTE_WORDS)
        if spider.args.job is not None:
            check_absolute(settings)
        self._sign(settings)
        self._credentials(spider, settings)
        if spider.needs_browser():
            _install_browser(self.sandbox, settings)
        output, jobs = output_dir(settings), jobs_dir(settings)
        check_folders(output, jobs)
        make_folder(output / spider.name, "OUTPUT_DIR")
        make_folder(jobs, "JOBS_DIR", private=True)
        make_folder(jobs / spider.name, "JOBS_DIR", private=True)
        for table in tables(spider.name):
            check_table(table, output, self.key.key_id)
        if self.sandbox is not None and self.sandbox.pseudonym_key is not None:
            _refuse_another_world(self.sandbox.world, output / spider.name)
        self.job = self._open_job(spider, settings)
        spider.memory = self.job.store
        if self.accounts:
            self._take_accounts(spider.name, settings)
        spider.published = PublishedTables(output, Pseudonymizer(self.key).pseudonym)
        if spider.notice and self.sandbox is None:
            logger.warning("%s", spider.notice)

    def _sign(self, settings: BaseSettings) -> None:
        """Say in the User-Agent whom the site may write to."""
        if contact := settings.get("CONTACT_URL"):
            settings.set("USER_AGENT", f"{settings['USER_AGENT']} (+{contact})", priority="spider")
        elif self.sandbox is None:
            logger.warning(
                "CONTACT_URL is not set, so the site does not learn whom to write to about this crawl; give a page of "
                "yours or a mailto address: -s CONTACT_URL=<url>"
            )

    def _credentials(self, spider: SiteSpider[Any], settings: BaseSettings) -> None:
        """The key, API tokens and accounts.

        Raises: ConfigurationError: names all that are missing, not only one, and what should be known before they are
            got together.
        """
        missing = []
        try:
            self.key = self._key(settings)
        except ConfigurationError as error:
            missing.append(str(error))
        missing += self._missing_tokens(spider)
        try:
            self.accounts = self._accounts(spider, settings)
        except ConfigurationError as error:
            missing.append(str(error))
        if not missing:
            return
        numbered = " ".join(f"({number}) {what}." for number, what in enumerate(missing, 1))
        found = missing[0] if len(missing) == 1 else f"{len(missing)} things are missing: {numbered}"
        first = f" Before you go on: {spider.notice}" if spider.notice and self.sandbox is None else ""
        raise ConfigurationError(found.removesuffix(".") + "." + first if first else found)

    def _missing_tokens(self, spider: SiteSpider[Any]) -> list[str]:
        held = os.environ if self.sandbox is None else self.sandbox.api_keys
        return [
            f"looking for {api.variable} in the environment: it is not set; {instead}"
            for api, instead in spider.needed_tokens().items()
            if not held.get(api.variable)
        ]

    def _accounts(self, spider: SiteSpider[Any], settings: BaseSettings) -> Sequence[Account]:
        """The accounts the crawl may use. A sandbox brings its own, and never sees anybody's real ones."""
        if (rules := spider.accounts) is None:
            return ()
        if self.sandbox is None:
            accounts = load_accounts(settings.get("ACCOUNTS_FILE"), spider.name, rules)
        else:
            accounts = checked(self.sandbox.accounts, "the sandbox's accounts", rules)
        taken = chosen(accounts, settings.getlist("ACCOUNTS"))
        self._other_accounts = [account.name for account in accounts if account not in taken]
        return taken

    def way_on(self) -> str:
        """What to do when no account is left."""
        retired = self.account_states.others_retired()
        others = [name for name in self._other_accounts if name not in retired]
        return way_on(others, sandbox=self.sandbox is not None)

    def _take_accounts(self, site: str, settings: BaseSettings) -> None:
        pseudonymizer = Pseudonymizer(self.key)
        cookies = {
            account.name: pseudonymizer.pseudonym(f"{site}.cookies", repr(sorted(account.cookies().items())))
            for account in self.accounts
        }
        states = AccountStates(self.job.store, cookies, settings.getfloat("BACKOFF_FIRST_S"))
        self.account_states = states
        if not states.left():
            self.job.close()
            raise ConfigurationError(f"choosing an account for {site}: none is left ({states.told()}); {self.way_on()}")
        for name in states.left():
            if not self.job.take_account(cookies[name]):
                if not self.job.resumed:
                    self.job.withdraw()
                self.job.close()
                raise ConfigurationError(
                    f"choosing an account for {site}: {name!r} crawls for another job, and would ask for too much with "
                    "two; wait for that job to end, or choose others: -s ACCOUNTS=<names>"
                )

    def _key(self, settings: BaseSettings) -> PseudonymKey:
        if self.sandbox is not None and self.sandbox.pseudonym_key is not None:
            if settings.get("PSEUDONYM_KEY_FILE"):
                logger.info("PSEUDONYM_KEY_FILE is not used: the sandbox's invented world brings a key of its own")
            return PseudonymKey.from_hex(self.sandbox.pseudonym_key, "the sandbox's world")
        return load_key(settings.get("PSEUDONYM_KEY_FILE"), os.environ)

    def _open_job(self, spider: SiteSpider[Any], settings: BaseSettings) -> Job:
        pseudonymizer = Pseudonymizer(self.key)
        identity = JobIdentity(
            spider=spider.name,
            arguments=spider.public_arguments(pseudonymizer),
            key_id=self.key.key_id,
            world=f"{self.sandbox.world} ({self.sandbox.world.identity})" if self.sandbox is not None else None,
        )
        name = settings.get("JOB") or pseudonymizer.pseudonym(f"{spider.name}.job", spider.argument_text())[:12]
        allowed = name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name[0].isalnum()
        if not allowed or name == tombstones.FILE:
            raise ConfigurationError(
                f"naming the job {name!r}: use letters and digits, after the first also '-', '_' and '.', but not "
                f"{tombstones.FILE!r}, as in -s JOB=nightly"
            )
        return Job(jobs_dir(settings) / spider.name / name, identity)


def _refuse_secrets(spider: SiteSpider[Any], settings: BaseSettings) -> None:
    """Settings show in process lists and logs; so do arguments, among which no secret is known."""
    instead = {api.variable: "" for api in spider.api_tokens} | {"PSEUDONYM_KEY": ", or -s PSEUDONYM_KEY_FILE=<path>"}
    for name, otherwise in instead.items():
        if settings.get(name):
            raise ConfigurationError(
                f"reading {name}: it came as a setting, which shows in process lists and logs; "
                f"use the environment variable {name}{otherwise}"
            )


def _refuse_another_world(world: ServedWorld, folder: Path) -> None:
    """In an invented world of another size the same ids are other people and things. (Of a dataset that is served there
    may be a later one, with which tables are brought up to date.)

    Raises: ConfigurationError: the newest crawl whose rows lie in `folder` met another invented world.
    """
    if not any(folder.glob("[!_]*/*.parquet")):
        return
    met = next((run.sandbox for run in runs(folder) if run.sandbox is not None), None)
    if (
        met is not None
        and met.invented
        and (met.description, met.size, met.seed) != (world.description, world.size, world.seed)
    ):
        raise ConfigurationError(
            f"preparing OUTPUT_DIR = {shown(folder.parent)}: the tables in {shown(folder)} are of another world of the "
            f"sandbox ({met.description}, SANDBOX_SIZE={met.size}, SANDBOX_SEED={met.seed}), and it serves {world}; "
            "keep them apart: -s OUTPUT_DIR=<directory> -s JOBS_DIR=<another>"
        )


def _install_browser(sandbox: Sandbox | None, settings: BaseSettings) -> None:
    if importlib.util.find_spec("scrapy_playwright") is None:
        raise ConfigurationError(
            "looking for a browser: the package scrapy-playwright is not installed; pip install 'crawlers[browser]'"
        )
    browser = "crawlers.middlewares.browser"
    handler = f"{browser}.BrowserHandler" if sandbox is None else f"{browser}.BrowserOnSandboxHandler"
    settings.get("DOWNLOADER_MIDDLEWARES")[f"{browser}.BrowserMiddleware"] = 995  # nearest to the downloader
    for name, value in {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "PLAYWRIGHT_LAUNCH_OPTIONS": launch_options(sandbox.tls_port if sandbox else None),
        "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,  # more are not faster on two cores, and each takes 100 MB and more
        "PLAYWRIGHT_MAX_CONTEXTS": 1,
        # A page or browser that ended by itself: its request is made again, by a new one.
        "RETRY_EXCEPTIONS": [*settings.getlist("RETRY_EXCEPTIONS"), "playwright.async_api.Error"],
        "PLAYWRIGHT_ABORT_REQUEST": f"{browser}.unwanted",
        "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1000 * settings.getfloat("DOWNLOAD_TIMEOUT"),  # milliseconds
    }.items():
        settings.set(name, value, priority="spider")


def running_job(crawler: Crawler) -> Job:
    """The job of a crawl that was prepared."""
    return running_addon(crawler).job


def running_addon(crawler: Crawler) -> CrawlersAddon:
    """What a crawl was prepared with.

    Raises: ConfigurationError: the addon is switched off, so nothing was.
    """
    addon = crawler.get_addon(CrawlersAddon)
    if addon is None:
        raise ConfigurationError("starting the crawl: crawlers.addon.CrawlersAddon is missing from ADDONS; put it back")
    return addon


def _route_to(sandbox: Sandbox, settings: BaseSettings) -> None:
    handler = "crawlers.downloads.SandboxDownloadHandler"
    for name, value in {
        "SANDBOX_URL": sandbox.url,
        "SANDBOX_HOSTS": sorted(sandbox.hosts),
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "HTTPPROXY_ENABLED": False,  # nothing leaves loopback, also where the environment names a proxy
        # Nobody is disturbed by speed here; each can still be set on the command line.
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_SLOTS": {},
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "BACKOFF_FIRST_S": 0.05,
        "ACCOUNT_BREAK_S": 0,
    }.items():
        settings.set(name, value, priority="spider")
