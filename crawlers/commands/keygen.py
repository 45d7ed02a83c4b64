"""`scrapy keygen`: write a new pseudonym key."""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawlers.pseudonyms import PseudonymKey

NEXT_STEPS = """\
Wrote a new pseudonym key (id {key_id}) to {path}, readable by you alone. Use it with either of

    scrapy crawl <site> -s PSEUDONYM_KEY_FILE={path}
    export PSEUDONYM_KEY=$(cat {path})

Keep it: who loses it cannot extend or refresh a dataset made with it.
Keep it secret: out of the repository and of the output directory. With it, anybody can test whether a person is in
the data.
When the dataset is finished, destroying the key is the strongest protection of the people in it."""


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[path]"

    def short_desc(self) -> str:
        return "Write a new pseudonym key file"

    def long_desc(self) -> str:
        return (
            "Write a new random pseudonym key (64 hex digits) to PATH, pseudonym.key by default, as a file that only "
            "you can read, and say how to use it. An existing file is never overwritten."
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) > 1:
            raise UsageError(f"keygen takes one path, not {len(args)} arguments", print_help=False)
        if args and args[0].startswith("-"):
            raise UsageError(f"keygen has no option {args[0]}", print_help=False)
        path = Path(args[0] if args else "pseudonym.key")
        digits = secrets.token_hex(32)
        try:
            _write_new(path, digits)
        except FileExistsError:
            if path.is_dir():
                inside = shlex.quote(str(path / "pseudonym.key"))
                self._fail(f"{path} is a directory; name a file in it: scrapy keygen {inside}")
                return
            self._fail(f"{path} exists, and a key is never overwritten; name another file: scrapy keygen <path>")
        except OSError as error:
            self._fail(f"cannot write {path}: {error.strerror}; name a file in a directory you can write to")
        else:
            key_id = PseudonymKey.from_hex(digits, str(path)).key_id
            print(NEXT_STEPS.format(key_id=key_id, path=shlex.quote(str(path))))

    def _fail(self, message: str) -> None:
        print(f"scrapy keygen: {message}", file=sys.stderr)
        self.exitcode = 2


def _write_new(path: Path, digits: str) -> None:
    """Create `path` with mode 0600; raises OSError and leaves no half-written key."""
    # O_EXCL also refuses a symbolic link, and the mode holds from the first byte on.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{digits}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
