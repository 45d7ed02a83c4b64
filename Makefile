# Every target does its own set-up; all that is needed beforehand is python3 (3.11 or newer, with venv) and make.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PEERS := .venv/.peers
PYTEST := $(BIN)/python -m pytest
# A crawl, its sandbox and the test that waits for both take turns, so one more test than cores keeps them busy.
PARALLEL := -n 3 --dist worksteal

.PHONY: help setup demo browser test check unit lint types bench bench-quick soak deploy notebooks docs reference papers
.PHONY: constraints clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make the environment in .venv

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: $(PYTHON) is older than 3.11; name a newer one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "make: $(PYTHON) has no venv; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# One video of each state of the invented world: public, for adults, short, private, live, for members, blocked here, of
# a closed channel, to come, unlisted, removed.
DEMO_VIDEOS := 20k-kt4gPaz,zv0b4d6l8YJ,GDSBwDe7Ggt,7ddwVh3eMNd,ZL6H009QIZJ,Kj8iLpr_4gn,eAyhKr98v3o,gA9NLgZwZNL,$\
  sZQQ0VoTSA7,geyUVo7k3hk,ihc_rj-X5x9

demo: $(READY)  ## crawl the sandbox into output/sandbox and print the tables (no key, no account, no network)
	$(BIN)/scrapy crawl sketchfab -s SANDBOX=True
	$(BIN)/scrapy crawl youtube -s SANDBOX=True
	$(BIN)/scrapy crawl youtube -s SANDBOX=True -a source=web -s ROBOTSTXT_OBEY=False
	$(BIN)/scrapy crawl youtube -s SANDBOX=True -a source=watch -a video_ids=$(DEMO_VIDEOS)
	$(BIN)/scrapy crawl weibo -s SANDBOX=True -s ACCOUNTS=account-1,account-2,account-3 \
	  -s SANDBOX_ACCOUNTS=account-2=frozen:100 -s ROBOTSTXT_OBEY=False
	$(BIN)/scrapy crawl letterboxd -s SANDBOX=True -a films=rated_at_least=3 -a tmdb=true
	$(BIN)/scrapy crawl letterboxd -s SANDBOX=True -a source=rss
	$(BIN)/scrapy datasets -s SANDBOX=True

browser: $(READY)  ## find Chromium, or install it: for crawls that need a browser, and their tests
	@$(BIN)/python -m crawlers.browser

test: $(READY) browser  ## everything: lint, types, every test
	@$(MAKE) --no-print-directory lint types
	$(PYTEST) $(PARALLEL)

check: lint types unit  ## lint, types and unit tests in the environment as it is

unit:
	$(PYTEST) tests/unit

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

bench: $(PEERS)  ## every goal of speed beside its peers, as ratios of one run
	$(BIN)/python -m benchmarks

bench-quick: $(PEERS)  ## the first four of them, with fewer pages
	$(BIN)/python -m benchmarks --quick

$(PEERS): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

soak: $(READY)  ## crawls interrupted a hundred times, and the same kills on stock Scrapy; about a quarter of an hour
	$(BIN)/python -m tests.soak

# From a copy of what is committed, since scrapyd-deploy leaves setup.py and build/ where it runs; without the sandbox.
deploy: $(READY)  ## put the committed project on the scrapyd that scrapy.cfg names (or DEPLOY="<target>")
	@copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT \
	  && git archive HEAD crawlers scrapy.cfg | tar -x -C "$$copy" \
	  && cd "$$copy" && $(CURDIR)/$(BIN)/scrapyd-deploy $(DEPLOY)

notebooks: demo  ## run the notebooks on the demo's tables, and keep what they give
	$(BIN)/python -m notebooks

docs: $(READY)  ## build the documentation into build/site
	$(BIN)/zensical build --clean --strict

reference: $(READY)  ## write docs/datasets.md from the item types, and the pages of sites into the navigation
	$(BIN)/python -m crawlers.datasets.reference > docs/datasets.md
	$(BIN)/python -m papers.navigation

papers: $(READY)  ## write the transcripts of README and docs as they are printed now, and draw the picture of a terminal
	$(BIN)/python -m papers

constraints: $(READY)  ## write the versions now installed into constraints.txt
	@{ echo "# What \`make\` installs, exactly. Refresh with \`make constraints\`, then run \`make test\`."; \
	   $(BIN)/python -m pip freeze --exclude-editable | sort -f; } > constraints.txt

clean:  ## remove the environment, caches, sandbox output and jobs
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info build output/sandbox jobs/sandbox
