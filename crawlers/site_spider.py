"""What all our spiders have in common: typed arguments and a memory that outlives the process."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from scrapy import Request, Spider
from scrapy_spider_metadata import Args
from twisted.python.failure import Failure

from crawlers.accounts import AccountRules
from crawlers.errors import ConfigurationError, did_you_mean
from crawlers.frontier.lease import essential, is_ruled_out, replaceable
from crawlers.items import Item, Rows, tables
from crawlers.items.expected import Expected
from crawlers.items.markers import Pseudonymize
from crawlers.pseudonyms import Pseudonymizer

__all__ = [
    "AccountRules", "ApiToken", "Listed", "ListedInFile", "SiteSpider", "SpiderArgs", "essential", "failed_request",
    "is_ruled_out", "replaceable",
]  # fmt: skip

# It logs a failed validation in many lines before raising it; the crawl command says it in one.
logging.getLogger("scrapy_spider_metadata").setLevel(logging.CRITICAL)


class SpiderArgs(BaseModel):
    """Arguments of a spider (`-a name=value`), checked before the first request; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    job: str | None = Field(
        None, alias="_job", exclude=True, description="scrapyd's id of the run; not part of the crawl"
    )
    version: str | None = Field(
        None, alias="_version", exclude=True, description="scrapyd's version of the project; not part of the crawl"
    )


def _split(text: Any) -> Any:
    return list(filter(None, (word.strip() for word in text.split(",")))) if isinstance(text, str) else text


def _lines(path: Any) -> Any:
    """The lines of a file, which need not name people; so neither its path nor its text is in the error."""
    if not isinstance(path, str):
        return path
    try:
        lines = Path(path).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise ValueError(f"the file cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from None
    return list(filter(None, map(str.strip, lines)))


Listed = BeforeValidator(_split)
"""An argument that is a list: ``Annotated[tuple[Name, ...], Listed]`` takes ``-a names=anna,ben``."""
ListedInFile = BeforeValidator(_lines)
"""An argument that is the path of a text file with an entry a line. Its value is the entries: a file that has changed
since makes another crawl of it. With ``Pseudonymize`` beside it each entry is shown as a pseudonym of its own."""


class ApiToken(NamedTuple):
    """Where a site takes an API token: the host of its API, the environment variable that holds the token, the scheme
    that stands before it (none: ""), and the header."""

    host: str
    variable: str
    scheme: str
    header: str = "Authorization"


class Memory(Protocol):
    """What a spider may ask of the facts it yielded as `Remember`."""

    def recall(self, name: str, default: Any = None) -> Any: ...
    def knows(self, name: str) -> bool: ...


I = TypeVar("I", bound=Item)  # noqa: E741  (the usual letter of an item)


class Published(Protocol):
    """What a spider may ask of the tables that earlier crawls have published."""

    def news(self, rows: Rows[I], *columns: str) -> Rows[I]: ...
    def count_like(self, row: Item, column: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a browser does on a page before its content is taken. All are CSS selectors of the site's.

    It scrolls, and clicks `more` where that is shown, until no further `items` come or there are `enough` of them
    (0: until the end); a consent banner is refused by a click on `refuse`.
    """

    items: str
    more: str = ""
    refuse: str = ""
    enough: int = 0


RENDERING = "rendering"  # in Request.meta


def rendered(request: Request, rendering: Rendering) -> Request:
    """The same request, to be made by a browser; the spider says so in `needs_browser`."""
    return request.replace(meta={**request.meta, RENDERING: asdict(rendering)})


def failed_request(failure: Failure) -> Request:
    """The request that an errback is called for."""
    request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it before it calls an errback
    return request


A = TypeVar("A", bound=SpiderArgs)


_PLAIN = {
    "string_pattern_mismatch": "it is not written as it must be",
    "too_short": "nothing stands there",
    "int_parsing": "it must be a whole number",
    "greater_than_equal": "it must be {ge} or more",
    "less_than_equal": "it must be {le} or less",
    "bool_parsing": "it must be true or false",
    "literal_error": "it must be {expected}",
    "date_from_datetime_parsing": "it must be a day, YYYY-MM-DD",
}


def _message(problem: ErrorDetails) -> str:
    """What is wrong with an argument, for somebody who does not read patterns or pydantic's words. What was given is
    not in it: it is logged, and may be a name in the wrong place."""
    if (plain := _PLAIN.get(problem["type"])) is not None:
        return plain.format_map(problem.get("ctx", {}))
    return problem["msg"].removeprefix("Value error, ")


class SiteSpider(Args[A], Spider):
    """A spider of one of our sites: `name` is the site, `args` are its arguments, `memory` what it remembers."""

    memory: Memory
    published: Published
    notice: ClassVar[str] = ""
    """What whoever crawls the real site should know first, in one line: logged before the first request, and said where
    a crawl is refused for want of a key or an account."""
    api_tokens: ClassVar[tuple[ApiToken, ...]] = ()
    """Sent where the environment has them; a crawl starts without those that `needed_tokens` does not name."""
    accounts: ClassVar[AccountRules | None] = None
    """What the site needs of the accounts that crawl it; None: it is read without any."""

    blocks_are_of_us: ClassVar[bool] = False
    """Whether a block is always of our address, whatever the page. Elsewhere a page may be behind a wall of its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(*args, **kwargs)
        except ValidationError as error:
            raise ConfigurationError(self._explain(error)) from None

    def _explain(self, error: ValidationError) -> str:
        known = self.get_param_schema()["properties"]
        shown = {name: about for name, about in known.items() if not name.startswith("_")}
        problems = []
        for problem in error.errors(include_input=False, include_url=False):
            name, *place = problem["loc"] or ("",)
            if not name:  # two arguments that do not go together
                problems.append(_message(problem))
            elif name in known:
                entry = f"entry {place[0] + 1}: " if place and isinstance(place[0], int) else ""
                problems.append(f"{name}: {entry}{_message(problem)} ({shown[str(name)].get('description', '')})")
            else:
                meant = did_you_mean(str(name), shown)
                problems.append(f"{name}: there is no such argument; {self.name} takes {', '.join(shown)}{meant}")
        return f"reading the arguments of {self.name}: {'; '.join(problems)}"

    def needed_tokens(self) -> Mapping[ApiToken, str]:
        """The tokens without which this crawl cannot start, each with what to do when there is none, in one line."""
        return {}

    def rests_on(self) -> Sequence[str]:
        """URLs of each kind that this crawl cannot do without. Those robots.txt rules out end it before its first page;
        the first request of each host is asked about in any case."""
        return ()

    def holds_back(self, request: Request) -> str | None:
        """Why `request` is not to be sent now: the reason the crawl ends with (`crawlers.commands.crawl.ENDINGS`). The
        request stays in the queue, so that the same command sends it when that reason is gone."""
        return None

    def needs_browser(self) -> bool:
        """Whether requests of this crawl are to be made by a browser; without it none is looked for or started."""
        return False

    def last_requests(self, tallied: Callable[[str], Iterable[tuple[str, int]]]) -> Iterable[Request]:
        """What is to be asked for when nothing else is left, because only then is it known.

        `tallied(prefix)` gives the names of each `Tally` that begin with it, and how often they were counted. Asked
        again after that, and after a resume, so the requests must be filtered: none with `dont_filter`.
        """
        return ()

    def collected(self) -> list[type[Item]]:
        """The tables that this crawl writes; all of the site's unless its arguments leave some out."""
        return tables(self.name)

    def expected(self, table: type[Item]) -> Expected:
        """What a table is judged by at the end of this crawl."""
        return table.expected

    def argument_text(self) -> str:
        """The arguments as canonical JSON: equal for equal crawls. May name people."""
        return json.dumps(self.args.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    def public_arguments(self, pseudonymizer: Pseudonymizer) -> dict[str, Any]:
        """The arguments as they may be shown: those marked Pseudonymize are replaced, in a list one by one."""
        arguments = self.args.model_dump(mode="json")
        for name, field in type(self.args).model_fields.items():
            for marker in field.metadata:
                if isinstance(marker, Pseudonymize) and arguments.get(name) is not None:
                    pseudonym = pseudonymizer.of(f"{self.name}.{marker.kind}")
                    raw = arguments[name]
                    arguments[name] = (
                        [pseudonym(str(one)) for one in raw] if isinstance(raw, list) else pseudonym(str(raw))
                    )
        return arguments
