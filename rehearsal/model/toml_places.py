"""Where a key stands in a TOML file. The standard parser keeps no positions, so the lines are scanned."""

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=")
_FENCES = ('"""', "'''")

Path = tuple[str | int, ...]


class Places:
    """Line numbers (from 1) of the tables and keys of one TOML text; arrays of tables count from 0."""

    def __init__(self, text: str) -> None:
        """Scan `text`; multi-line strings are stepped over."""
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        fence = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if fence:
                fence = "" if fence in line else fence
            elif header := _HEADER.match(line):
                table = self._open(header[1], header[2])
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, *_parts(key[1])), number)
                fence = next((mark for mark in _FENCES if line.count(mark) == 1), "")

    def line_of(self, path: Path) -> int:
        """Return the line of a path, or of the nearest table around it; 0 if there is none."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return 0

    def _open(self, bracket: str, name: str) -> Path:
        table: Path = ()
        parts = _parts(name)
        for depth, part in enumerate(parts):
            table = (*table, part)
            if bracket == "[[" and depth == len(parts) - 1:
                self._counts[table] = self._counts.get(table, -1) + 1
            if table in self._counts:
                table = (*table, self._counts[table])
        return table


def dotted(path: Path) -> str:
    """Return a path as people write it: `phases[2].duration_s`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "the plan"


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
