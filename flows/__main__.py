"""The command line of the flows: `python -m flows --help` lists it."""

import argparse
import json
import logging
import os
import sys

from flows.deployments import differences
from states.errors import BankableError


def main(arguments: list[str]) -> int:
    """Do what the command says; return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for ours in ("flows", "states"):
        logging.getLogger(ours).setLevel(logging.INFO)
    _keep_prefect_quiet()
    command = _COMMANDS[options.command]
    try:
        return command(options)
    except BankableError as error:
        print(error.message, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m flows", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="watch the outbox and the clock until told to stop")
    once = commands.add_parser("once", help="run one flow now and print its flow run's id")
    once.add_argument("flow")
    once.add_argument("--message", action="append", default=[], metavar="ID", help="a message that it is to answer")
    commands.add_parser("check", help="compare the catalogue with prefect.yaml")
    commands.add_parser("set-up-pool", help="make the work pool and its deployments")
    commands.add_parser("look-at-pool", help="say in JSON whether the work pool works, for bankable doctor")
    work = commands.add_parser("work-on-pool", help="take runs from the work pool until told to stop")
    work.add_argument("--name", default="")
    work.add_argument("--limit", type=int)
    return parser


def _keep_prefect_quiet() -> None:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    # Only where no server is named: Prefect then starts one for this process, which takes long on a small machine.
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")


def _run(_: argparse.Namespace) -> int:
    from flows.runner import run  # importing Prefect takes seconds

    return run()


def _once(options: argparse.Namespace) -> int:
    from flows.catalogue import flow_named

    spec = flow_named(options.flow)
    from flows.host import run_here  # importing Prefect takes seconds

    run = run_here(spec, {"message_ids": options.message} if options.message else {})
    print(run.id)
    return 0


def _check(_: argparse.Namespace) -> int:
    found = differences()
    print("\n".join(found) or "The catalogue and prefect.yaml agree.")
    return 1 if found else 0


def _set_up_pool(_: argparse.Namespace) -> int:
    from flows.pool import set_up  # importing Prefect takes seconds

    for line in set_up():
        print(line, flush=True)
    return 0


def _work_on_pool(options: argparse.Namespace) -> int:
    from flows.pool import work  # importing Prefect takes seconds

    work(name=options.name, limit=options.limit)
    return 0


def _look_at_pool(_: argparse.Namespace) -> int:
    from flows.pool_health import look  # importing Prefect takes seconds

    print(json.dumps([{"what": one.what, "ok": one.ok, "said": str(one.said)} for one in look()]))
    return 0


_COMMANDS = {
    "run": _run,
    "once": _once,
    "check": _check,
    "set-up-pool": _set_up_pool,
    "work-on-pool": _work_on_pool,
    "look-at-pool": _look_at_pool,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
