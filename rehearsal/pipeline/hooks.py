"""A team's own commands around the load: one before it, and one that cleans up, whatever became of it."""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chaos.faults.shell import shell
from chaos.lease_file import Undo
from chaos.process_table import ProcessTable
from rehearsal.model import plan_shop
from rehearsal.model.clock import Clock
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.secrets import Masker
from rehearsal.pipeline.halt import Halt
from rehearsal.process import MARK
from rehearsal.rundir.protocol_log import ProtocolLog

#: What cleans up, as leases and sentences name it.
AFTER = "hooks.after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """One run's hooks. `facts` are what the commands are told, by variable; `tell` hears what goes on.

    Once `halt` is set, `before` is not waited for any more. `mask` hides secrets in what they say.
    """

    commands: plan_shop.Hooks
    table: ProcessTable
    facts: dict[str, str]
    protocol: ProtocolLog
    clock: Clock
    halt: Halt
    tell: Callable[[str], object]
    mask: Masker = str

    @contextmanager
    def around(self, end_load: Callable[[], object]) -> Iterator[None]:
        """Carry out `before`, then the block, then `after`, which is owed from the beginning.

        RehearsalError if `before` fails, Stopped if a stop was asked for meanwhile. If the block raises,
        `end_load` is called first: nothing may be bought while it is cleaned up. An `after` that fails stays
        owed, for `rehearse heal`.
        """
        self._owe()
        try:
            self._before()
            yield
        except BaseException as error:
            end_load()
            if problem := self._after():
                error.add_note(problem)
            raise
        self._after()

    def _owe(self) -> None:
        commands = self.commands
        if commands.after.strip():
            line = told(commands.after, self.facts)
            self.table.owe(Undo(name=AFTER, command=line, timeout_s=commands.timeout_s, last=True))

    def _before(self) -> None:
        if not self.commands.before.strip():
            return
        line = self.commands.before
        problem = self._carry_out(ProtocolStep.BEFORE, line, self.halt)
        self.halt.check()
        if problem:
            raise RehearsalError(
                f"{problem}. Nothing was sent; mend it, and run the drill again. The command: {line}"
            )

    def _after(self) -> str:
        """Clean up, and owe it no longer; return what went wrong in a sentence, "" if nothing did."""
        if not self.commands.after.strip():
            return ""
        line = self.commands.after
        problem = self._carry_out(ProtocolStep.AFTER, line)
        if not problem:
            self.table.settle(AFTER)
            return ""
        words = f"{problem}. Once it can be carried out, run: rehearse heal. The command: {line}"
        self.tell(words)
        return words

    def _carry_out(self, step: ProtocolStep, line: str, halt: Halt | None = None) -> str:
        """Run a command and write down how it ended; return that, if it was not well."""
        name, since_ns = f"hooks.{step}", self.clock.now_ns()
        self.protocol.begin(step)
        self.tell(f"Running {name}.")
        seen = shell(
            name,
            told(line, self.facts),
            timeout_s=self.commands.timeout_s,
            run_id=self.table.run_id,
            over=halt.asked if halt else None,
            mask=self.mask,
        )
        outcome = Outcome.OK if seen.proven else Outcome.FAIL
        self.protocol.tell(step, seen.saw, outcome=outcome, since_ns=since_ns)
        return "" if seen.proven else seen.saw


def facts_of(plan: Plan, run_id: str, url: str) -> dict[str, str]:
    """Return what a plan's hooks are told: the run, the address that shoppers begin at, the plan's name."""
    return {MARK: run_id, "REHEARSAL_URL": url, "REHEARSAL_PLAN": plan.name}


def told(line: str, facts: dict[str, str]) -> str:
    """Return a command that knows facts; they stand in it, for another process may have to carry it out."""
    return "".join(f"export {name}={shlex.quote(value)}; " for name, value in facts.items()) + line
