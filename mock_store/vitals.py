"""Whether a region can serve: what its health check says, and it says the truth."""

import sqlite3

from mock_store import channels
from mock_store.defects import Defect
from mock_store.region import Region
from mock_store.units import NS_PER_S
from mock_store.web import Refused

#: A station with work that has finished none of it for this long is stuck.
STUCK_NS = 2 * NS_PER_S


class Vitals:
    """Watches one region. Asked now and then, it knows what has happened since."""

    def __init__(self, region: Region) -> None:
        """Begin to watch."""
        self._region = region
        self._served = -1
        self._since_ns = region.now_ns()

    def good(self) -> bool:
        """Tell whether the database can be used and the station gets on with its work."""
        if self._region.has(Defect.HEALTH_ALWAYS_YES):
            return True
        return not self._stuck() and self._reads()

    def _stuck(self) -> bool:
        station, now_ns = self._region.station, self._region.now_ns()
        if not station.busy or station.served != self._served:
            self._served, self._since_ns = station.served, now_ns
        return now_ns - self._since_ns > STUCK_NS

    def _reads(self) -> bool:
        try:
            self._region.storage.read(channels.current)
        except (Refused, sqlite3.Error):
            return False
        return True
