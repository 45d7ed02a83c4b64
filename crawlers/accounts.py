"""The accounts that a crawl logs in with: what a site needs of one, and the file that holds their cookies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from crawlers.errors import ConfigurationError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096}")  # what RFC 6265 lets a cookie hold
_REPOSITORY = Path(__file__).resolve().parents[1]


class AccountRules(NamedTuple):
    """What a site needs of an account, and what it gets: `hosts` are sent the cookies of these names, over https, and
    nobody is sent any other."""

    hosts: tuple[str, ...]
    needed: tuple[str, ...]
    """Cookies without which nobody is logged in."""
    further: tuple[str, ...] = ()
    """Cookies that are sent where an account brings them, or a host hands them out on the way."""
    break_every: int = 1000
    """Requests of one account after which it takes a break of ACCOUNT_BREAK_S seconds."""

    @property
    def names(self) -> tuple[str, ...]:
        return self.needed + self.further


class Account:
    """A name, which may be shown, and cookies, which never are: not by `repr`, not in an error, not in a pickle."""

    __slots__ = ("_cookies", "name")

    def __init__(self, name: str, cookies: Mapping[str, str]) -> None:
        self.name = name
        self._cookies = dict(cookies)

    def cookies(self) -> dict[str, str]:
        """Name to value, a copy."""
        return dict(self._cookies)

    def __repr__(self) -> str:
        return f"<Account {self.name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an account is not pickled")


def load_accounts(file: str | None, site: str, rules: AccountRules) -> list[Account]:
    """The accounts of a site that the setting ACCOUNTS_FILE (`file`) names, a TOML file with one table for each:

        [[weibo]]
        name = "first"
        cookies = "SUB=...; SUBP=..."      # as copied from a browser, or a table: { SUB = "..." }

    Raises: ConfigurationError: there is none, or the file is not as it must be. No message holds a value of it.
    """
    example = f'[[{site}]] with name = "first" and cookies = "{rules.needed[0]}=..." (docs/sites/{site}.md)'
    if not file:
        raise ConfigurationError(
            f"looking for accounts of {site}: ACCOUNTS_FILE is not set; give it the path of a TOML file: {example}"
        )
    path = Path(file).expanduser()
    entries = _read(path).get(site)
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"reading the accounts of {site} in {path}: it has none; write {example}")
    return checked(entries, f"the {site} accounts in {path}", rules)


def checked(entries: Sequence[Any], where: str, rules: AccountRules) -> list[Account]:
    """Accounts as a file or a sandbox gives them, with the cookies that the site is to get and no others.

    Raises: ConfigurationError: an entry lacks a name or a needed cookie, or two have the same name or the same login.
    """
    accounts = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise ConfigurationError(
                f"reading {where}: number {number} has no name of letters, digits and . _ - (it shows in logs, so do "
                'not take a phone number); write name = "first"'
            )
        cookies = _cookies(entry.get("cookies"))
        kept = {key: value for key, value in cookies.items() if key in rules.names and _VALUE.fullmatch(value)}
        if missing := [key for key in rules.needed if key not in kept]:
            raise ConfigurationError(
                f"reading {where}: {name!r} has no usable cookie {missing[0]}; copy it whole, without line breaks, "
                f"from a request that a logged-in browser sends to https://{rules.hosts[0]}"
            )
        accounts.append(Account(name, kept))
    if len({account.name for account in accounts}) < len(accounts):
        raise ConfigurationError(f"reading {where}: two have the same name; give each its own")
    logins = [tuple(account.cookies()[key] for key in rules.needed) for account in accounts]
    if len(set(logins)) < len(logins):
        second = next(place for place, login in enumerate(logins) if login in logins[:place])
        first = accounts[logins.index(logins[second])]
        raise ConfigurationError(
            f"reading {where}: {first.name!r} and {accounts[second].name!r} have the same cookie {rules.needed[0]}, so "
            "they are one account, which would be asked for twice as much; leave one of them out"
        )
    return accounts


def chosen(accounts: Sequence[Account], names: Sequence[str]) -> list[Account]:
    """Those of the setting ACCOUNTS; all where it names none. Raises: ConfigurationError: one is not there."""
    known = {account.name: account for account in accounts}
    if unknown := [name for name in names if name not in known]:
        raise ConfigurationError(
            f"choosing the accounts {', '.join(names)}: there is no {unknown[0]!r}; there are {', '.join(known)}"
        )
    return [known[name] for name in dict.fromkeys(names)] or list(accounts)


def way_on(others: Sequence[str], *, sandbox: bool) -> str:
    """What to do when none of the accounts that were chosen is left; `others` were not chosen."""
    ways = [f"run the command with -s ACCOUNTS={','.join(others)} to go on"] if others else []
    if not sandbox:
        ways.append(
            "log in again in a browser, put the new cookies into ACCOUNTS_FILE, then run the same command to go on"
        )
    elif not others:
        ways.append("the sandbox has no others, so begin another job: -s JOB=<name>")
    return ", or ".join(ways)


def _cookies(given: Any) -> dict[str, str]:
    """Cookies from a table, or from the text that a browser shows for the header Cookie."""
    if isinstance(given, Mapping):
        return {str(name): str(value).strip() for name, value in given.items()}
    pairs = (pair.partition("=") for pair in str(given or "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(path: Path) -> dict[str, Any]:
    if path.resolve().is_relative_to(_REPOSITORY):
        raise ConfigurationError(
            f"reading ACCOUNTS_FILE={path}: it lies in the repository, from where cookies get published; move it out"
        )
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(
                f"reading ACCOUNTS_FILE={path}: others may read it, and a cookie is as good as a password; run "
                f"chmod 600 {path}"
            )
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(
            f"reading ACCOUNTS_FILE={path}: {error.strerror or error}; give the path of a TOML file that you can read: "
            "-s ACCOUNTS_FILE=<path>"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # Where it is wrong, and nothing of what stands there.
        place = re.search(r" \(at (?:line \d+, column \d+|end of document)\)$", str(error))
        raise ConfigurationError(
            f"reading ACCOUNTS_FILE={path}: it is not TOML{place[0] if place else ''}; quote names and cookies"
        ) from None
