"""Secrets in memory: by name, never shown, never encoded; and the mask for texts that may hold one."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from rehearsal.model.errors import RehearsalError
from rehearsal.model.spellings import spellings

#: What stands in a text where a secret stood.
MASK = "***"

#: A shorter secret could not be told from other text.
SHORTEST = 6
#: A shorter number could not be told from instants and numbers of orders.
SHORTEST_NUMBER = 12

#: Replaces whatever must not be read; texts without it come back as they are.
Masker = Callable[[str], str]


class Secrets(Mapping[str, str]):
    """The plan's secrets by name. No encoder knows this type, so that they cannot end in a file."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        """Take names and values."""
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        """Return a secret; RehearsalError, with the mend, if the plan names none such."""
        try:
            return self._values[name]
        except KeyError:
            raise RehearsalError(
                f'The plan has no secret {name!r}; add it: [secrets] {name} = {{ env = "{name.upper()}" }}.'
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"


NO_SECRETS = Secrets()


def too_common(value: str) -> bool:
    """Tell whether a value is a number that many a file holds by chance."""
    return value.isdecimal() and len(value) < SHORTEST_NUMBER


def masker(values: Iterable[str]) -> Masker:
    """Return what masks these values in a text, however spelled; those too short to tell are left."""
    wanted = sorted(
        {word for value in values if len(value) >= SHORTEST for word in spellings(value)},
        key=len,
        reverse=True,
    )
    if not wanted:
        return lambda text: text

    def mask(text: str) -> str:
        for value in wanted:
            if value in text:
                text = text.replace(value, MASK)
        return text

    return mask
