"""The launcher's command line."""

import argparse
import signal
import sys
from types import FrameType

from governance.devstack import commands
from governance.devstack.postgres import CannotStart
from governance.devstack.progress import say
from governance.devstack.state import AlreadyRunning


def _end(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the stopping.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m governance.devstack", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("demo", help="the whole platform with demo data, until Ctrl-C")
    verbs.add_parser("services", help="PostgreSQL and Valkey only, until Ctrl-C")
    verbs.add_parser("test", help="the test suite; further arguments go to pytest", add_help=False)
    verbs.add_parser("run", help="one command on throw-away servers: run -- COMMAND …", add_help=False)
    verbs.add_parser("clean-data", help="remove the demo's data")
    arguments, rest = parser.parse_known_args()
    rest = rest[1:] if rest[:1] == ["--"] else rest
    takes_rest = arguments.verb in {"test", "run"}
    if (rest and not takes_rest) or (arguments.verb == "run" and not rest):
        parser.error("unexpected arguments" if rest else "which command?")

    # Explicitly: started from a script's background job, Python would inherit an ignored SIGINT.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        match arguments.verb:
            case "test":
                return commands.test(rest)
            case "run":
                return commands.run(rest)
            case "demo":
                return commands.demo()
            case "services":
                return commands.services()
            case _:
                return commands.clean_data()
    except KeyboardInterrupt:
        say("Stopped")
        return 0
    except (AlreadyRunning, CannotStart) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
