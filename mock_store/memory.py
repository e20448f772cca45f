"""What a region keeps to itself, and a correct one does not: here the defects keep their own truth."""

from collections.abc import Iterable

from mock_store.catalogue import Product
from mock_store.inventory import StockLine


class Memory:
    """Lost with the process, known to no other region."""

    def __init__(self, shelf: Iterable[StockLine] = ()) -> None:
        """Know what is on the shelf as the process begins."""
        self.counts = {line.sku: line.available for line in shelf}
        self._numbered = 0

    def hear(self, told: Iterable[Product]) -> None:
        """Take a peer's word for what is on the shelf."""
        self.counts.update((product.sku, product.available) for product in told)

    def next_number(self) -> int:
        """Count orders from 1."""
        self._numbered += 1
        return self._numbered
