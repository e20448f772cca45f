import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.data_check import mistake_of
from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan

MISTAKES = [
    ("no source", "[secrets]\nkey = {}", "secrets.key: needs one of env"),
    ("two sources", '[secrets]\nkey = { env = "KEY", file = "key" }', "secrets.key: needs one of env"),
    ("no variable", '[secrets]\nkey = { env = "A B" }', "secrets.key.env: must match"),
    ("neither file nor templates", "[data.users]\nkinds = []", "data.users: needs one of file and generate"),
    (
        "both file and templates",
        '[data.users]\nfile = "u.csv"\ngenerate = { email = "u{n}" }',
        "data.users: needs one of file and generate",
    ),
    (
        "a secret in a template",
        '[data.users]\ngenerate = { email = "u{n}", pin = "x{n}" }\nsecret = ["pin"]',
        "data.users.secret: has no use with generate: the templates stand in the plan",
    ),
    ("an unknown blank", '[data.users]\ngenerate = { email = "u{m}" }', "data.users.generate.email: is no t"),
    (
        "a blank of a blank",
        '[data.users]\ngenerate = { email = "u{n.real}" }',
        "has {n.real}; it may hold {n}",
    ),
    ("an open brace", '[data.users]\ngenerate = { email = "u{n" }', "data.users.generate.email: is no templ"),
    ("the same in each row", '[data.users]\ngenerate = { email = "u" }', "email: would be the same in each"),
    (
        "the same in each row of a unique column",
        '[data.users]\nunique = ["land"]\ngenerate = { email = "u{n}", land = "{run}" }',
        "data.users.generate.land: would be the same in each row",
    ),
    (
        "a unique column that is not made",
        '[data.users]\nunique = ["mail"]\ngenerate = { email = "u{n}" }',
        "data.users.unique: names no column: 'mail'",
    ),
    (
        "a kind nobody is",
        '[data.users]\nfile = "u"\nkinds = ["thief"]',
        "data.users.kinds[0]: must be one of",
    ),
]
GOOD = [
    ("a file", '[data.users]\nfile = "u.csv"\nunique = ["email"]\nsecret = ["pin"]\nkinds = ["cart"]'),
    ("templates", '[data.users]\ngenerate = { email = "u{n:06}@{mail_domain}", name = "{run} {{x}}" }'),
    ("nothing unique", '[data.users]\nunique = []\ngenerate = { land = "DE" }'),
    ("secrets", '[secrets]\nkey = { env = "KEY" }\ndoor = { file = "~/door" }'),
]


@pytest.mark.parametrize(("more", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_what_contradicts_itself_is_told_with_its_place(
    make_plan: Callable[[str], Plan], plan_text: str, more: str, words: str
) -> None:
    """Before anything is read, let alone started."""
    with pytest.raises(PlanError, match=re.escape(words)):
        make_plan(f"{plan_text}\n{more}\n")


@pytest.mark.parametrize("traffic", ['locustfile = "a.py"\nusers = 2', 'log = "a.log"\nnormal_per_s = 2.0'])
def test_only_our_own_shoppers_take_rows(make_plan: Callable[[str], Plan], traffic: str) -> None:
    """Users of a stranger's locustfile and sessions of a log do what they do without."""
    phase = 'name = "burst"\nkind = "burst"\nduration_s = 4.0\nrate = 5.0'
    slo = "p95_ms = 250.0\np99_ms = 500.0\ngoodput = 0.99"
    text = f'name = "x"\n[traffic]\nmultiplier = 5.0\n{traffic}\n[[phases]]\n{phase}\n[slo.burst]\n{slo}\n'
    with pytest.raises(PlanError, match="data: has no use here: only visits of our own shoppers take rows"):
        make_plan(f'{text}[data.users]\nfile = "u.csv"\n')


@pytest.mark.parametrize("more", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_what_is_right_is_a_plan(make_plan: Callable[[str], Plan], plan_text: str, more: str) -> None:
    """Files, templates and sources as the documents show them."""
    plan = make_plan(f"{plan_text}\n{more}\n")

    assert bool(plan.data or plan.secrets)


@given(template=st.text(st.sampled_from("u{}nruma_:!.06 "), max_size=12))
def test_a_template_without_mistake_makes_rows(template: str) -> None:
    """What is let through can be filled in for any row; what is not is told in a sentence."""
    if mistake := mistake_of(template):
        assert mistake.endswith("it may hold {n}, {run} and {mail_domain}")
    else:
        assert isinstance(template.format(n=123456, run="r", mail_domain="m"), str)
