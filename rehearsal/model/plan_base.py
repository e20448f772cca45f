"""What every table of a plan is made of: immutable, strict, with numbers of sane size."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: The largest number a plan may hold: beyond it instants in nanoseconds no longer fit, and no shop is meant.
_LARGEST = 1e6
Positive = Annotated[float, Field(gt=0, le=_LARGEST)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_ -]{0,39}$")]


class Frozen(BaseModel):
    """A plan's table: immutable, and a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
