"""Every setting that differs from Scrapy's default, with its unit and reason; docs/settings.md lists them for users."""

from crawlers import __version__

BOT_NAME = "crawlers"
SPIDER_MODULES = ["crawlers.spiders"]
NEWSPIDER_MODULE = "crawlers.spiders"
COMMANDS_MODULE = "crawlers.commands"
ADDONS = {"crawlers.addon.CrawlersAddon": 0}  # prepares key, folders, job and sandbox before anything is requested

# -- Conduct ---------------------------------------------------------------------------------------------------------
USER_AGENT = f"crawlers/{__version__}"  # the addon adds CONTACT_URL
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 0  # no limit over all: the queue gives out only as many as each host may have
DOWNLOAD_DELAY = 2.0  # seconds; spiders set what their site is known to bear
BACKOFF_FIRST_S = 60.0  # first pause when a site says to slow down but not for how long; doubles up to an hour
ACCOUNT_BREAK_S = 3600.0  # seconds an account rests after so many requests as its site can bear (`AccountRules`)
REFERER_ENABLED = False  # a site need not know which page led to which; with a policy, a page could ask for it
COOKIES_ENABLED = False

# -- Downloads -------------------------------------------------------------------------------------------------------
DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}  # a page must not choose a local file
DOWNLOAD_TIMEOUT = 60  # seconds for a whole response; the default of 180 makes a dead page cost 9 minutes
DOWNLOAD_MAXSIZE = 64 * 2**20  # bytes; the default of 1 GiB lets a gzip bomb fill the memory
DOWNLOAD_VERIFY_CERTIFICATES = True
RETRY_HTTP_CODES = [500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530, 408]  # 429 is for backoff
METAREFRESH_ENABLED = False  # which page follows is for the spider to say; the look for it decodes each page anew
CONCURRENT_ITEMS = 1  # one Batch per response: the default starts 100 tasks for each
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses the callback's source for a page in six; mypy finds such a return

# -- The way of a page (docs/architecture.md) ------------------------------------------------------------------------
SCHEDULER = "crawlers.frontier.scheduler.DurableScheduler"
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # lets requests with dont_filter leave the site
    "crawlers.middlewares.offsite.OffsiteMiddleware": 50,
    "crawlers.middlewares.backoff.BackoffMiddleware": 90,  # before robots.txt: a paused site gets no request at all
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # tells only one of those that wait for it
    "crawlers.middlewares.robots.RobotsTxtMiddleware": 100,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no site asks for a password
    "crawlers.middlewares.api_token.ApiTokenMiddleware": 480,  # after headers of requests and defaults (400) are there
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # passes on what was cut
    "crawlers.middlewares.whole.WholeResponseMiddleware": 590,
    "crawlers.middlewares.recognise.RecogniseMiddleware": 540,  # sees what retries (550) and redirects (600) leave
    "crawlers.middlewares.accounts.AccountsMiddleware": 900,  # next to the site: knows when an account is free again
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # every queued request would carry its depth
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # `recognise` judges pages, whatever their status
    "crawlers.middlewares.batch.BatchMiddleware": 10,  # outermost: packs what all the others let through
}
URLLENGTH_LIMIT = 0  # no limit: a request that is left out for its length would be missing without a trace
ITEM_PIPELINES = {
    "crawlers.pipelines.anonymize.AnonymizePipeline": 200,  # names end here, before any other step
    "crawlers.pipelines.deduplicate.DeduplicatePipeline": 300,  # compares keys as they are published
    "crawlers.pipelines.tokenize_text.TokenizePipeline": 500,  # slow, so only for rows that stay
    "crawlers.pipelines.store_rows.StorePipeline": 900,  # keeps what the others made of the page
}
EXTENSIONS = {
    "scrapy.extensions.feedexport.FeedExporter": None,  # it would export Batches; ours exports their rows
    "crawlers.extensions.feeds.RowFeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": None,  # counts pages as items
    # To load and then not start them takes 0.1 s.
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "crawlers.extensions.progress.Progress": 0,
    "crawlers.extensions.finish.FinishCrawl": 0,
    "crawlers.extensions.garbage.RarerCollections": 0,
}
STATS_CLASS = "crawlers.stats.PlainStatsCollector"
PROGRESS_INTERVAL_S = 60.0

# -- Privacy ---------------------------------------------------------------------------------------------------------
LOG_FORMATTER = "crawlers.logs.QuietLogFormatter"
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_VERSIONS: list[str] = []
STATS_DUMP = False  # the manifest has them
# Both execute code in the process for whoever reaches a port. `scrapy shell` and `fetch` have Scrapy's own EXTENSIONS.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# -- Own settings that have no fixed default (docs/settings.md) ------------------------------------------------------
# OUTPUT_DIR, JOBS_DIR, JOB, PSEUDONYM_KEY_FILE, CONTACT_URL, ACCOUNTS_FILE, ACCOUNTS,
# SANDBOX, SANDBOX_WORLD, SANDBOX_SIZE, SANDBOX_SEED, SANDBOX_FAULTS, SANDBOX_ACCOUNTS
FEED_EXPORT_ENCODING = "utf-8"
