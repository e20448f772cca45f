"""Options that our part of Locust adds to its command line."""

from locust import events
from locust.argument_parser import LocustArgumentParser


@events.init_command_line_parser.add_listener
def _add(parser: LocustArgumentParser) -> None:
    parser.add_argument(
        "--rehearsal-summary",
        default="",
        help="write the ledger and the percentiles of both clocks to this file as JSON",
    )
