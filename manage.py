#!/usr/bin/env python3
"""Django's command line for this checkout.

Run by a bare python it goes on in the checkout's own environment; with nothing exported it talks to the servers
that `make demo` is running here.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def continue_in_own_environment() -> None:
    """Replace this process by the same command under .venv, unless an environment is active already."""
    python = ROOT / ".venv" / "bin" / "python"
    if sys.prefix != sys.base_prefix:
        return
    if python.exists():
        os.execv(python, [str(python), *sys.argv])
    try:
        import django  # noqa: F401
    except ImportError:
        sys.exit("The environment is not there yet: `make env` makes it, `make demo` makes it and starts everything.")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")
    database_given = "DATABASE_URL" in os.environ

    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    from governance.devstack import state

    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        if database_given or state.running():
            raise
        sys.exit(
            "This command needs the database, and the demo is not running in this checkout.\n"
            "Start it in another terminal:  make demo   (or set DATABASE_URL to a database of your own)"
        )


if __name__ == "__main__":
    continue_in_own_environment()
    main()
