"""A shopper whose app sends a request once more after its answer, and then another under the same key.

Networks and impatient thumbs do the first, careless programs the second. Of the first nothing new may come;
the second a correct shop refuses.
"""

from collections.abc import Callable

from rehearsal.model.history import Doing, Outcome, Step
from scenarios.storefront import Answer
from scenarios.visit import Visit

Call = Callable[[], Answer | None]


def send_again(visit: Visit, step: Step, intent: str, answer: Answer, *, same: Call, other: Call) -> None:
    """Send the `same` request again and then the `other`, if this shopper does so and the answer was ok."""
    if not (visit.wishes.sends_again and answer.outcome is Outcome.OK):
        return
    visit.again(step, same, intent, Doing.SENT_AGAIN)
    visit.again(step, other, intent, Doing.SENT_OTHERWISE)
