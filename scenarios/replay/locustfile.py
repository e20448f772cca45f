"""Locust's entry point for `rehearse replay --url`: a pool of users serves the sessions of a replay."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import gevent
from locust import User, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from scenarios.replay.player import Player


def _add_option(parser: LocustArgumentParser) -> None:
    parser.add_argument("--replay-run", required=True, help="the folder with what is to be played")


def _attach(environment: Environment, **_: Any) -> None:
    options: Namespace | None = environment.parsed_options
    player = Player(Path(str(getattr(options, "replay_run", ""))))
    ReplayedShopper.player = player
    gevent.spawn(_conduct, player, environment)


def _conduct(player: Player, environment: Environment) -> None:
    try:
        player.conduct()
    finally:
        if environment.runner is not None:
            environment.runner.quit()


# Locust's event hooks carry no types.
_HOOKS: Any = events
_HOOKS.init_command_line_parser.add_listener(_add_option)
_HOOKS.init.add_listener(_attach)


class ReplayedShopper(User):
    """A member of the pool: takes the next session that is due, walks it, and waits again."""

    player: Player

    def on_start(self) -> None:
        """Make this user's connections."""
        self.http = self.player.client()

    @task
    def serve(self) -> None:
        """Serve one session."""
        self.player.serve(self.http)
