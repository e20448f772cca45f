"""What a visit is given besides an address: rows of test data, secrets, and what marks it as a test."""

from collections.abc import Mapping

import msgspec

from rehearsal.model.secrets import NO_SECRETS, Secrets

#: A row of test data: values by column.
Row = Mapping[str, str]


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """One visit's means. `data` holds one row of each table of the plan's `[data]` that its kind takes."""

    data: Mapping[str, Row] = {}
    secrets: Secrets = NO_SECRETS
    mail_domain: str = "rehearsal.invalid"
    run: str = ""


NO_MEANS = Means()
