import json
import os
from pathlib import Path

from rehearsal.model.plan_check import plan_schema

SCHEMA = Path(__file__).parents[3] / "scenarios" / "plans" / "plan.schema.json"


def test_editors_see_the_schema_of_this_version() -> None:
    """plan.schema.json is what the model says (update: make schema)."""
    text = json.dumps(plan_schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        SCHEMA.write_text(text)

    assert SCHEMA.read_text() == text
