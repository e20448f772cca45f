"""Where in a stranger's code an exception came from: an adapter's author wants the line, not our frames."""

import sysconfig
import traceback
from pathlib import Path

import rehearsal

_OURS = (Path(__file__).parent, Path(rehearsal.__file__).parent)
_LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))


def frame_of(error: BaseException, own: str = "") -> traceback.FrameSummary | None:
    """Return the last frame of the adapter's that an exception came through, None if it came through none.

    The adapter's is the file `own`, and whatever is neither ours nor a library's.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame for frame in reversed(frames) if _is_theirs(frame.filename, own)), None)


def _is_theirs(file: str, own: str) -> bool:
    ours = any(Path(file).is_relative_to(room) for room in _OURS)
    return file == own or not (ours or file.startswith((*_LIBRARIES, "<")))
