"""From the paths of a log to a few templates: `/products/4711?ref=7` is one more `GET /products/{n}`.

A mapping (TOML) comes first, its rules in order; what none of them knows is collapsed by default: query
strings go, numbers become {n}, UUIDs {uuid}, hexadecimal names of eight digits or more {hex}.

    [[path]]
    pattern = '^/carts/[^/]+/items'           # a regular expression of Rust's regex crate
    template = "/carts/{cart}/items"
    step = "cart_add"                         # optional: what a drill's visit does there
    send = "/carts/{buyer}/items"             # optional: what the replay asks for, its own buyer put in
"""

import tomllib
from pathlib import Path

import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Step
from scenarios.replay.source import whole

#: Templates told apart; the rarer ones count as one, so that a log of random paths stays a model.
MOST_TEMPLATES = 400
OTHER = "(other)"

#: Stands in `send` for the name of the buyer whose session it becomes.
BUYER = "{buyer}"

_LARGEST = 1_000_000
_SEGMENT_END = r"(\.[A-Za-z]{1,5})?(/|$)"
#: A segment ends where the next begins, so neighbours of one kind need two rounds.
_COLLAPSED = (
    (r"(?i)/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}" + _SEGMENT_END, "/{uuid}${1}${2}"),
    (r"/[0-9]+" + _SEGMENT_END, "/{n}${1}${2}"),
    (
        r"(?i)/(?:[0-9a-f]{7,}[0-9]|[0-9][0-9a-f]{7,}|[a-f]+[0-9][0-9a-f]{6,})" + _SEGMENT_END,
        "/{hex}${1}${2}",
    ),
)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a mapping."""

    pattern: str
    template: str
    step: str = ""
    send: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of a mapping, first match first."""

    path: tuple[Rule, ...] = ()


def load_mapping(file: Path | None) -> Mapping:
    """Read a mapping; without a file there are no rules. RehearsalError names what is wrong with it."""
    if file is None:
        return Mapping()
    try:
        text = whole(file, _LARGEST).decode()
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise RehearsalError(f"The mapping {file} cannot be used: {error}.") from None
    for rule in mapping.path:
        _check(rule, file)
    return mapping


def templates_of(asked: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Return `label` (method and template), `step` and `send` for rows of `method` and `target` (text)."""
    path = pl.col("target").str.replace(r"[?#].*$", "")
    rules = mapping.path
    template = pl.coalesce(
        *(_when(rule, pl.lit(rule.template)) for rule in rules),
        _collapsed(path),
    )
    send = pl.coalesce(*(_when(rule, _sent(rule)) for rule in rules), pl.col("target"))
    step = pl.coalesce(*(_when(rule, pl.lit(rule.step)) for rule in rules), pl.lit(""))
    return asked.select(
        pl.concat_str(pl.col("method"), template, separator=" ").alias("label"),
        step.alias("step"),
        send.alias("send"),
    )


def _when(rule: Rule, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("target").str.contains(rule.pattern)).then(value)


def _sent(rule: Rule) -> pl.Expr:
    return pl.col("target").str.replace(rule.pattern, rule.send) if rule.send else pl.col("target")


def _collapsed(path: pl.Expr) -> pl.Expr:
    path = path.str.replace_all(r"/{2,}", "/")
    for pattern, replacement in (*_COLLAPSED, *_COLLAPSED):
        path = path.str.replace_all(pattern, replacement)
    return path


def _check(rule: Rule, file: Path) -> None:
    try:
        pl.Series([""]).str.contains(rule.pattern)
    except pl.exceptions.ComputeError as error:
        reason = str(error).strip().splitlines()[-1]
        raise RehearsalError(f"The mapping {file} has a wrong pattern {rule.pattern!r}: {reason}.") from None
    if rule.step and rule.step not in set(Step):
        raise RehearsalError(
            f"The mapping {file} names the step {rule.step!r}; the steps are {', '.join(Step)}."
        )
