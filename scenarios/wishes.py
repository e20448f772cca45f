"""What sets a shopper apart from the next: a coupon, a gift card, second thoughts. Drawn from seed and visit.

It has a chance of its own, so that what a plan says of it changes neither paths nor think times nor tempers.
"""

from dataclasses import dataclass
from random import Random

import msgspec

from rehearsal.model.plan import Plan
from scenarios.behaviour import Behaviour


class Offers(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop has to save with, and the shares of those who order a cart that use it.

    Gift cards are numbered from `gift-0`; several shoppers hold the same one. `tokens`: see `plan.Sale`.
    """

    coupon: str = ""
    coupon_share: float = 0.0
    gift_cards: int = 0
    gift_share: float = 0.0
    tokens: bool = False

    @property
    def in_cart(self) -> bool:
        """Tell whether a cart is worth a look before it is ordered."""
        return bool(self.coupon or self.gift_cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What one shopper does besides: the codes she enters ("": none), and what she does with her order."""

    coupon: str = ""
    gift_card: str = ""
    cancels: bool = False
    sends_again: bool = False
    comes_again: bool = False


#: What shoppers wish where a plan says nothing of it.
PLAIN = Wishes()


def offers_of(plan: Plan) -> Offers:
    """Return what a plan says of it, as a load process is told."""
    offers = Offers(tokens=plan.sale.tokens)
    if coupon := plan.coupon:
        offers = msgspec.structs.replace(offers, coupon=coupon.code, coupon_share=coupon.share)
    if cards := plan.gift_cards:
        offers = msgspec.structs.replace(offers, gift_cards=cards.cards, gift_share=cards.share)
    return offers


def wishes_of(offers: Offers, behaviour: Behaviour, seed: int, index: int) -> Wishes:
    """Return the wishes of visit `index`: the same for the same seed, whoever runs it."""
    if not (offers.in_cart or behaviour.cancel or behaviour.send_again or behaviour.come_again):
        return PLAIN
    random = Random(f"{seed}/wishes/{index}")  # noqa: S311 - repeatability, not secrecy
    # All are drawn, always, in this order: a share that changes leaves the others' shoppers who they are.
    coupon, gift, cancel, again, card, more = (random.random() for _ in range(6))
    return Wishes(
        coupon=offers.coupon if coupon < offers.coupon_share else "",
        gift_card=f"gift-{int(card * offers.gift_cards)}" if gift < offers.gift_share else "",
        cancels=cancel < behaviour.cancel,
        sends_again=again < behaviour.send_again,
        comes_again=more < behaviour.come_again,
    )
