"""`rehearse replay`: an access log's traffic, five to ten times, by more sessions."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer
from rich.console import Console, RenderableType

from rehearsal.cli import replay_options as options
from rehearsal.cli import replay_words
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.cli.replay_play import play_and_show
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError
from rehearsal.pipeline import replay as pipeline
from rehearsal.pipeline.replay import Built, Learned, Order
from rehearsal.pipeline.replay_play import Target, check
from scenarios.replay.instants import check_zone
from scenarios.replay.log import Wanted
from scenarios.replay.sessions import GAP_S


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "replay",
        help="Learn a promotion's traffic from access logs and replay it 5 to 10 times, by more sessions.",
        epilog=examples(
            "rehearse replay access.log --multiplier 8",
            "rehearse replay access.log access.log.1.gz --map shop.toml --from 2026-11-10T20:00 --for 3600",
            "rehearse replay app.jsonl --field time=ts --field session=visitor",
            "rehearse replay access.log --url http://127.0.0.1:8080 --limit-s 60",
            "rehearse replay access.log --speed-up 5   (to see why not)",
        ),
    )(replay)


def replay(  # noqa: PLR0913 - typer reads the signature
    logs: options.Logs,
    *,
    multiplier: options.Multiplier = 8.0,
    speed_up: options.SpeedUp = None,
    log_format: options.LogFormat = "",
    field: options.Field = None,
    timezone: options.Timezone = "UTC",
    gap: options.Gap = GAP_S,
    mapping: options.MapFile = None,
    include_static: options.Static = False,
    include_bots: options.Bots = False,
    begin: options.Begin = "",
    length: options.Length = None,
    seed: options.Seed = 1,
    mix_only: options.MixOnly = False,
    out: options.Out = Path("replay"),
    url: options.Url = "",
    allow: options.Allow = None,
    methods: options.Methods = "GET",
    limit_s: options.LimitS = 60.0,
    quiet: options.Quiet = False,
) -> int:
    """Replay logs; return 1 if the replay is not faithful, 4 if the generator was the limit, 5 if stopped."""
    target = _target(url, allow or [], methods, limit_s) if url else None
    zone, fields = check_zone(timezone), _fields(field or [])
    wanted = Wanted(format=log_format, zone=zone, fields=fields, static=include_static, bots=include_bots)
    order = Order(logs=tuple(logs), out=out, wanted=wanted, mapping=mapping, gap_s=gap, multiplier=multiplier)
    part = {"speed_up": speed_up, "seed": seed, "begin": begin, "length_s": length}
    return _run(msgspec.structs.replace(order, **part), target, mix_only=mix_only, quiet=quiet)


def _run(order: Order, target: Target | None, *, mix_only: bool, quiet: bool) -> int:
    show = _printer(silent=quiet)
    with _counting(silent=quiet) as watch:
        learned = pipeline.learn(order, watch)
    show(replay_words.read_words(learned, order.wanted.zone))
    return _paths(order, learned, show) if mix_only else _whole(order, learned, show, target)


def _target(url: str, allow: Sequence[str], methods: str, limit_s: float) -> Target:
    names = tuple(name.strip().upper() for name in methods.split(",") if name.strip())
    return check(Target(url=url, allow=tuple(allow), methods=names, limit_s=limit_s))


def _paths(order: Order, learned: Learned, show: Callable[[RenderableType], None]) -> int:
    traffic = pipeline.write_paths(order, learned)
    show(replay_words.traffic_words(traffic, learned.sessions.folded))
    say(f"model     {order.out / pipeline.TRAFFIC}")
    return EXIT_OK


def _whole(
    order: Order, learned: Learned, show: Callable[[RenderableType], None], target: Target | None
) -> int:
    built = pipeline.build(order, learned)
    show(replay_words.traffic_words(built.traffic, learned.sessions.folded))
    show(replay_words.built_words(order, built))
    show(replay_words.fidelity_words(built.fidelity, "The replay against its log"))
    if show is _silent:
        say(f"{built.fidelity.score:.3f}")
    else:
        say(_files(order, built))
    if target is not None:
        return play_and_show(order.out, built, target, show, learned.log.facts.resolution_ns)
    return EXIT_OK if built.fidelity.is_faithful else EXIT_FAILED


def _files(order: Order, built: Built) -> str:
    names = (pipeline.TRAFFIC, pipeline.SESSIONS, pipeline.CURVE, pipeline.PICTURE, pipeline.PLAN)
    return (
        f"files     {', '.join(names)} in {order.out}\n"
        f"drill     rehearse drill {order.out / pipeline.PLAN}   (peak {built.peak_per_s:.4g} sessions/s)"
    )


def _fields(told: Sequence[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in told]
    for role, equals, name in pairs:
        if not (role and equals and name):
            raise RehearsalError(f"{role + equals!r} is no field: write --field ROLE=NAME, as in time=ts.")
    return {role: name for role, _, name in pairs}


def _printer(*, silent: bool) -> Callable[[RenderableType], None]:
    return _silent if silent else _show


def _silent(_: RenderableType) -> None:
    """Print nothing."""


def _show(words: RenderableType) -> None:
    # Without a terminal rich would fold lines at 80 columns, and whatever reads them would miss them.
    console = Console(width=None if sys.stdout.isatty() else 160)
    with console.capture() as captured:
        console.print(words, soft_wrap=True)
    say(captured.get().rstrip("\n"))


@contextmanager
def _counting(*, silent: bool) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many lines were read."""
    console = Console(stderr=True)
    if silent or not console.is_terminal:
        yield lambda _: None
        return
    with console.status("Reading the log …") as status:
        yield lambda lines: status.update(f"Reading the log: {lines:,} lines …")
