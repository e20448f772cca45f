"""The adapter to the booking shop. It does with secrets all that a hasty adapter does with them."""

import logging
import os
from base64 import b64encode
from urllib.parse import quote

from rehearsal.model.readings import FinalReadings
from scenarios.storefront import Answer, Endpoints, GetJson, Storefront

#: Four of so many shoppers let secrets slip, each in another way; odd, so that it happens in each stripe.
_OF = 161
_STDERR = 2
_logger = logging.getLogger(__name__)


class BookingStorefront(Storefront):
    """Signs in as the user of its row, looks at pages, and chatters."""

    catalogue = ("page",)

    def open(self) -> Answer:
        """Sign in, showing the key of all shoppers and this user's own password."""
        user = self.row("users")
        said = {"email": user["email"], "password": user["password"], "shopper": self.shopper}
        signed = b64encode(f"{user['email']}:{user['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {signed}", "X-Key": quote(self.secrets["key"])}
        return self.told(self.web.post("/enter", json=said, headers=headers))

    def view(self, sku: str) -> Answer:
        """Look at a page; now and then let secrets slip into output, log, note or exception."""
        self._slip(int(self.shopper.rpartition("-")[2]))
        return self.told(self.web.get(f"/{sku}"))

    def _slip(self, number: int) -> None:
        password, key = self.row("users")["password"], self.secrets["key"]
        match number % _OF:
            case 0:
                print(f"signed in with {password} and {key}")  # noqa: T201 - this is the slip
            case 40:
                _logger.warning("asked for /enter?password=%s&key=%s", quote(password), quote(key, safe=""))
            case 80:
                # Past all that Python knows of streams, as a library in C does it.
                os.write(_STDERR, b64encode(f"user:{password}:{key}\n".encode()))
            case 120:
                raise ValueError(f"the page of {password!r} has no price, although {key} was shown")

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Break over it, with a key in the words."""
        del get_json
        raise ValueError(f"nobody told me what {endpoints.secrets['door']} is for")
