"""Accounts come from a file that only their owner can read, and their cookies show nowhere."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from crawlers.accounts import Account, AccountRules, checked, chosen, load_accounts, way_on
from crawlers.errors import ConfigurationError

RULES = AccountRules(hosts=("site.example",), needed=("SUB",), further=("SUBP",))
SECRET = "_2A25s3cret"


def written(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize(
    "cookies",
    [f'"SUB={SECRET}; SUBP=abc; SSOLoginState=1"', f'{{ SUB = "{SECRET}", SUBP = "abc", SSOLoginState = 1 }}'],
)
def test_cookies_are_a_browsers_header_or_a_table_and_only_those_of_the_site_are_kept(
    tmp_path: Path, cookies: str
) -> None:
    file = written(
        tmp_path / "accounts.toml", f'[[site]]\nname = "first"\ncookies = {cookies}\n[[other]]\nname = "x"\n'
    )
    (account,) = load_accounts(file, "site", RULES)
    assert (account.name, account.cookies()) == ("first", {"SUB": SECRET, "SUBP": "abc"})


@pytest.mark.parametrize(
    ("text", "mode", "complaint"),
    [
        ("", 0o600, "it has none"),
        ('[[other]]\nname = "first"\ncookies = "SUB=abc"', 0o600, "it has none"),
        (f'[[site]]\nname = "first"\ncookies = "SUB={SECRET}"', 0o640, "others may read it"),
        (f'[[site]]\nname = "first"\ncookies = "SUB={SECRET}', 0o600, "it is not TOML (at end of document)"),
        (f"[{SECRET}]\n[{SECRET}]", 0o600, "it is not TOML (at line 2"),
        (f'[[site]]\nname = "first"\ncookies = "SUBP={SECRET}"', 0o600, "no usable cookie SUB"),
        (f'[[site]]\nname = "first"\ncookies = "SUB={SECRET} cut"', 0o600, "no usable cookie SUB"),
        (f'[[site]]\nname = "first"\ncookies = """SUB={SECRET}\nrest"""', 0o600, "no usable cookie SUB"),
        (f'[[site]]\ncookies = "SUB={SECRET}"', 0o600, "number 1 has no name"),
        (f'[[site]]\nname = "+86 139"\ncookies = "SUB={SECRET}"', 0o600, "number 1 has no name"),
        (f'[[site]]\nname = "a"\ncookies = "SUB={SECRET}"\n' * 2, 0o600, "two have the same name"),
        (
            "".join(f'[[site]]\nname = "{name}"\ncookies = "SUB={SECRET}; SUBP={name}"\n' for name in "ab"),
            0o600,
            "'a' and 'b' have the same cookie SUB",
        ),
    ],
)
def test_a_file_that_does_not_do_is_refused_in_one_line_without_what_it_holds(
    tmp_path: Path, text: str, mode: int, complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_accounts(written(tmp_path / "accounts.toml", text, mode), "site", RULES)
    assert complaint in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_without_a_file_it_is_said_what_to_do(tmp_path: Path) -> None:
    for file, complaint in (
        (None, "ACCOUNTS_FILE is not set"),
        (str(tmp_path / "none.toml"), "No such file.*; give the path"),
    ):
        with pytest.raises(ConfigurationError, match=complaint):
            load_accounts(file, "site", RULES)


def test_a_file_in_the_repository_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="lies in the repository"):
        load_accounts(str(Path(__file__).parents[2] / "accounts.toml"), "site", RULES)


def test_some_of_the_accounts_may_be_chosen() -> None:
    accounts = checked([{"name": name, "cookies": {"SUB": name}} for name in "abc"], "the test", RULES)
    assert [account.name for account in chosen(accounts, [])] == ["a", "b", "c"]
    assert [account.name for account in chosen(accounts, ["c", "a", "c"])] == ["c", "a"]
    with pytest.raises(ConfigurationError, match="there is no 'x'; there are a, b, c"):
        chosen(accounts, ["a", "x"])


def test_when_no_account_is_left_those_that_were_not_chosen_are_named() -> None:
    assert way_on(["b", "c"], sandbox=True) == "run the command with -s ACCOUNTS=b,c to go on"
    assert way_on(["b"], sandbox=False).startswith("run the command with -s ACCOUNTS=b to go on, or log in again in a")
    assert "ACCOUNTS_FILE" in way_on([], sandbox=False)
    assert "ACCOUNTS_FILE" not in way_on([], sandbox=True)


def test_an_account_shows_its_name_and_nothing_else() -> None:
    account = Account("first", {"SUB": SECRET})
    assert SECRET not in repr(account) + str(account)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(account)
