"""The options of `rehearse replay`, a type each, so that the verb's signature stays readable."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

Logs = Annotated[
    list[Path], Argument(metavar="LOG...", help="Access logs, plain or gzip; several are one log.")
]
Multiplier = Annotated[float, Option(min=0.001, max=1000, help="How many times the sessions.")]
SpeedUp = Annotated[
    float | None, Option(min=0.001, max=1000, help="Run the clock faster instead, to compare.")
]
LogFormat = Annotated[str, Option("--format", help="combined, common, json or har; found out if not said.")]
Field = Annotated[list[str] | None, Option(help="ROLE=NAME: where JSON lines keep time, session, target …")]
Timezone = Annotated[str, Option(help="The zone of times that name none.")]
Gap = Annotated[float, Option(min=1, max=86400, help="Seconds of silence that end a session.")]
MapFile = Annotated[Path | None, Option("--map", help="A TOML file that maps paths to templates and steps.")]
Static = Annotated[bool, Option("--include-static", help="Keep pictures, styles …")]
Bots = Annotated[bool, Option("--include-bots", help="Keep robots.")]
Begin = Annotated[str, Option("--from", help="Replay from here on, as 2026-11-10T20:00 (UTC).")]
Length = Annotated[float | None, Option("--for", min=1, max=1e9, help="Replay so many seconds of the log.")]
Seed = Annotated[int, Option(min=0, max=2**63 - 1, help="The seed of all that is drawn.")]
MixOnly = Annotated[bool, Option("--mix-only", help="Write mix and transitions only.")]
Out = Annotated[Path, Option(help="Where the files are written.")]
Url = Annotated[str, Option(help="Play it at this address, http://127.0.0.1:PORT.")]
Allow = Annotated[list[str] | None, Option(help="A host besides this machine that load may go to.")]
Methods = Annotated[str, Option(help="Methods that are played, as GET,POST; bodies are empty.")]
LimitS = Annotated[float, Option(min=1, max=86400, help="Play what is due in so many seconds.")]
Quiet = Annotated[bool, Option("--quiet", help="Print the score only.")]
