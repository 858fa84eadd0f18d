"""The commands, and how an error becomes one line and an exit code.

Each command is named here and imported only when it is used, so that `--help` is quick.
"""

import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError

from purchasing.errors import ConfigurationError
from tallyman.errors import CommandError, MisuseError
from tallyman.output import complain

_INTERRUPTED = 130
"""What a shell says of a program that ended by Ctrl-C."""

_COMMANDS = {
    "up": ("tallyman.up:up", "Run everything on this machine."),
    "serve": ("tallyman.parts:serve", "Run the service alone."),
    "work": ("tallyman.parts:work", "Run workers alone."),
    "sandbox": ("tallyman.parts:sandbox", "Run the stand-in for Cofactr alone."),
    "check": ("tallyman.checks:check", "Say whether everything is set up as it must be."),
    "sources": ("tallyman.sources:sources", "List the configured sources."),
    "send": ("tallyman.send:send", "Sign a file as a source would, and post it."),
    "accounts": ("tallyman.accounts:accounts", "Account for everything that was received."),
    "preview": ("tallyman.preview:preview", "Show what a notification would cause, and why."),
    "capacity": ("tallyman.capacity:capacity", "Reckon what a number of notifications needs."),
}

_ORDERS = {
    "import": ("tallyman.orders:import_orders", "Put the orders of a file into the order book."),
    "show": ("tallyman.orders:show", "Show one order."),
    "list": ("tallyman.orders:list_orders", "List the orders."),
}

_NOTIFICATIONS = {
    "list": ("tallyman.notifications:list_notifications", "List notifications, newest first."),
    "show": ("tallyman.notifications:show", "Tell the story of one notification."),
    "replay": ("tallyman.steering:replay", "Take notifications up again."),
    "discard": ("tallyman.steering:discard", "Give notifications up."),
    "resolve": ("tallyman.steering:resolve", "Say what became of a call that is in doubt."),
}

_QUEUE = {
    "status": ("tallyman.steering:status", "Say how much waits, and what holds it."),
    "pause": ("tallyman.steering:pause", "Begin nothing new, and hold everything."),
    "resume": ("tallyman.steering:resume", "Begin again where it was paused."),
}


def create_app() -> App:
    """All commands."""
    app = App(
        name="tallyman",
        help="Turns carrier and supplier notifications into Cofactr purchase events.",
        version=lambda: version("tallyman"),
        help_format="plaintext",
        suppress_keyboard_interrupt=False,
    )
    orders = App(name="orders", help="The order book.")
    notifications = App(name="notifications", help="What arrived, and what became of it.")
    queue = App(name="queue", help="What waits, and whether it may go on.")
    groups = (
        (app, _COMMANDS),
        (orders, _ORDERS),
        (notifications, _NOTIFICATIONS),
        (queue, _QUEUE),
    )
    for group, commands in groups:
        for name, (path, summary) in commands.items():
            group.command(path, name=name, help=summary)
    app.command(orders)
    app.command(notifications)
    app.command(queue)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        code = create_app()(
            arguments, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as error:
        complain(str(error))
        return MisuseError.exit_code
    except ConfigurationError as error:
        complain(str(error))
        return MisuseError.exit_code
    except CommandError as error:
        complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command that the command line names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What senders write is shown on terminals that do not know every character.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough, as `head` does; Python would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    sys.exit(code)
