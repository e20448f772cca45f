"""What a plan's test data and secrets contradict, as far as the plan itself tells. Pure."""

from collections.abc import Iterator
from string import Formatter

from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import TestData
from rehearsal.model.toml_places import Path

#: What a template may hold in braces.
_BLANKS = frozenset({"n", "run", "mail_domain"})


def data(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of [data] and [secrets], each with its place."""
    for name, source in plan.secrets.items():
        if bool(source.env) == bool(source.file):
            yield ("secrets", name), 'needs one of env = "VARIABLE" and file = "PATH"'
    if plan.data and (plan.traffic.is_closed or plan.traffic.is_logged):
        yield ("data",), "has no use here: only visits of our own shoppers take rows"
    for name, table in plan.data.items():
        yield from _table(("data", name), table)


def _table(path: Path, table: TestData) -> Iterator[tuple[Path, str]]:
    if bool(table.file) == bool(table.generate):
        yield path, "needs one of file and generate"
    if not table.generate:
        return
    if table.secret:
        words = "has no use with generate: the templates stand in the plan; take secrets from a file"
        yield (*path, "secret"), words
    wrong = {column: words for column, text in table.generate.items() if (words := mistake_of(text))}
    for column, words in wrong.items():
        yield (*path, "generate", column), words
    unique = list(table.generate)[:1] if table.unique is None else table.unique
    for column in unique:
        if column not in table.generate:
            yield (*path, "unique"), f"names no column: {column!r}"
        elif column not in wrong and "n" not in blanks_of(table.generate[column]):
            yield (*path, "generate", column), "would be the same in each row; put {n} in it"


def mistake_of(template: str) -> str:
    """Return in words what is wrong with a template, "" if nothing is."""
    try:
        blanks = list(blanks_of(template))
        template.format(n=1, run="", mail_domain="")
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        return f"is no template ({error}); it may hold {{n}}, {{run}} and {{mail_domain}}"
    odd = [blank for blank in blanks if blank not in _BLANKS]
    return f"has {{{odd[0]}}}; it may hold {{n}}, {{run}} and {{mail_domain}}" if odd else ""


def blanks_of(template: str) -> list[str]:
    """Return the names in a template's braces; ValueError if it is none."""
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]
