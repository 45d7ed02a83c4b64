"""``python -m sandbox``: serve the replicas until stdin ends, or with ``--stay`` until Ctrl-C.

When ready, one line of JSON on stdout: ``{"url": "http://127.0.0.1:8000", "tls_port": 8001}``, and with ``--faults`` a
line on stderr that repeats them with their seed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from sandbox.accounts import AccountError
from sandbox.faults import FAULTS
from sandbox.faults.orders import FaultError
from sandbox.server import LOOPBACK, Sandbox
from sandbox.sites.letterboxd import MARKUPS
from sandbox.sites.sketchfab import DEPTH
from sandbox.worlds import World, WorldError

BAD_INPUT = 2


def main(arguments: list[str] | None = None) -> int:
    """Run until told to end. Bad input: one line on stderr, exit status 2."""
    options = _parser().parse_args(arguments)
    if options.list_faults:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads the first lines only is no error
        sys.stdout.writelines(f"{fault.name:24} {fault.description}\n" for fault in FAULTS.values())
        return 0
    try:
        world = _world(options)
        sandbox = Sandbox(
            world,
            latency_ms=options.latency,
            drift=not options.no_drift,
            gzip=not options.no_gzip,
            markup=options.markup,
            depth=options.search_depth,
        )
        sandbox.order_faults(options.faults)
        sandbox.accounts.order(options.accounts)
    except (WorldError, FaultError, AccountError) as error:
        return _refused(str(error))
    gc.freeze()  # the world lives as long as the process: no collection should walk it
    try:
        asyncio.run(_serve(sandbox, options.port, stay=options.stay))
    except OSError as error:
        return _refused(f"cannot listen on {LOOPBACK}:{options.port}: {error.strerror or error}")
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, without the usage."""
        self.exit(BAD_INPUT, f"sandbox: {message} (see scrapy sandbox --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m sandbox", description="Local replicas of the sites, on loopback.")
    parser.add_argument("--port", type=_port, default=0, help="port of plain HTTP; 0 (default) takes a free one")
    parser.add_argument("--world", type=Path, metavar="PATH", help="a dataset to serve; without it all is invented")
    parser.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="size of the world: models of Sketchfab (default: 600); rows, or members, of a dataset (default: all)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another world (default 0)")
    parser.add_argument("--days-ago", type=_whole, default=0, metavar="N", help="Letterboxd as it was N days ago")
    parser.add_argument("--latency", type=_whole, default=0, metavar="MS", help="milliseconds added to every answer")
    parser.add_argument(
        "--faults",
        default="",
        metavar="SPEC",
        help="let answers go wrong: status_503:0.1,gzip_cut@/i/likes:0.05,seed=7",
    )
    parser.add_argument(
        "--accounts",
        default="",
        metavar="SPEC",
        help="let accounts that log in meet walls: account-2=frozen:100 freezes one after 100 answers",
    )
    parser.add_argument(
        "--markup", choices=MARKUPS, default=MARKUPS[0], help="generation of Letterboxd's pages (default: %(default)s)"
    )
    parser.add_argument(
        "--search-depth",
        type=_whole,
        default=DEPTH,
        metavar="N",
        help="models after which a search of Sketchfab ends, whatever there is behind them (default: %(default)s)",
    )
    parser.add_argument("--list-faults", action="store_true", help="print the names of all faults, and end")
    parser.add_argument("--no-gzip", action="store_true", help="pack no page, whatever the client takes")
    parser.add_argument("--no-drift", action="store_true", help="keep the lists still while they are read")
    parser.add_argument("--canary", action="store_true", help="name people by unique tokens that begin with cnry")
    parser.add_argument("--stay", action="store_true", help="serve until Ctrl-C instead of until stdin ends")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: 0 to 65535")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number: 0 or more")
    return int(text)


def _world(options: argparse.Namespace) -> World:
    """Made before the line of JSON appears: a reader of it waits for nothing more."""
    days_ago = options.days_ago
    gc.disable()  # a million objects that all stay; twice as fast
    try:
        if options.world is not None:
            return World.load(options.world, options.seed, options.size, canary=options.canary, days_ago=days_ago)
        size = 600 if options.size is None else options.size
        return World(options.seed, size, canary=options.canary, days_ago=days_ago)
    finally:
        gc.enable()


def _refused(reason: str) -> int:
    sys.stderr.write(f"sandbox: {reason}\n")
    return BAD_INPUT


async def _serve(sandbox: Sandbox, port: int, *, stay: bool) -> None:
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    if stay:
        loop.add_signal_handler(signal.SIGINT, end.set)
    else:
        # Ctrl-C reaches all of the terminal's group; a crawl then finishes its pages, and needs its sandbox for that.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_await_end_of_stdin, args=(loop, end), daemon=True).start()
    async with sandbox.serve(port) as ports:
        url = f"http://{LOOPBACK}:{ports.plain}"
        sys.stdout.write(json.dumps({"url": url, "tls_port": ports.tls}) + "\n")
        sys.stdout.flush()
        if sandbox.faults is not None:
            sys.stderr.write(f"sandbox: faults {sandbox.faults.as_json()['spec']}\n")
        if stay:
            sys.stderr.write(
                f"sandbox: {sandbox.world.description}, size {sandbox.world.size}, at {url} (Ctrl-C ends it)\n"
                f"  crawl it:  scrapy crawl sketchfab -s SANDBOX={url}\n"
                f"  look:      curl {url}/_sandbox/requests\n"
            )
        await end.wait()


def _await_end_of_stdin(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    """Whoever started us holds the other end of stdin; the kernel closes it even when they are killed."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass  # stdin was never open
    loop.call_soon_threadsafe(end.set)


if __name__ == "__main__":
    sys.exit(main())
