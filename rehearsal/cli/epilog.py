"""What stands below the options in a verb's `--help`."""


def examples(*commands: str, also: str = "") -> str:
    """Return commands to try, a line each so that one can be copied, and what else must be said."""
    lines = "\n".join(f"  {command}" for command in commands)
    return f"Examples:\n{lines}\n\n{also}".rstrip()
