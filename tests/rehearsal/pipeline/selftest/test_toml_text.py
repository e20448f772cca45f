import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.pipeline.selftest.toml_text import toml_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = TEXTS | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(table=st.dictionaries(TEXTS, VALUES, max_size=5))
def test_what_is_written_is_read_back(table: dict[str, Any]) -> None:
    """The standard library's parser reads the same values, whatever letters are in keys and texts."""
    assert tomllib.loads(toml_text(table)) == table


def test_none_is_left_out() -> None:
    """TOML has no null: a key without a value is not there."""
    assert tomllib.loads(toml_text({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


def test_what_toml_cannot_hold_is_refused() -> None:
    """A set has no form in TOML."""
    with pytest.raises(TypeError, match="set has no place in TOML"):
        toml_text({"a": {1, 2}})
