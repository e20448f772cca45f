"""Fill an empty database: `python -m shop.seed STOCK`. One product is rushed, five are ordinary."""

import sys
from decimal import Decimal
from os import environ

import django

environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - models are there after django.setup()
from django.core.management import call_command  # noqa: E402
from oscar.apps.address.models import Country  # noqa: E402
from oscar.apps.catalogue.categories import create_from_breadcrumbs  # noqa: E402
from oscar.apps.catalogue.models import Product, ProductClass  # noqa: E402
from oscar.apps.partner.models import Partner, StockRecord  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402


def seed(stock: int) -> None:
    """Create the catalogue, a country to send to, and a member of staff who may read the books."""
    call_command("migrate", verbosity=0)
    Country.objects.create(
        iso_3166_1_a2="GB",
        iso_3166_1_a3="GBR",
        iso_3166_1_numeric="826",
        printable_name="United Kingdom",
        name="United Kingdom",
        is_shipping_country=True,
    )
    staff = get_user_model().objects.create_superuser("staff", "staff@shop.test")
    Token.objects.create(user=staff, key=environ["OSCAR_STAFF_TOKEN"])
    kind = ProductClass.objects.create(name="Goods", requires_shipping=True, track_stock=True)
    category = create_from_breadcrumbs("Everything")
    partner = Partner.objects.create(name="Warehouse")
    units = {"flash": (stock, "199.00")} | {f"p{number}": (100_000, "15.00") for number in range(1, 6)}
    for sku, (held, price) in units.items():
        product = Product.objects.create(title=f"Product {sku}", upc=sku, product_class=kind)
        product.categories.add(category)
        StockRecord.objects.create(
            product=product,
            partner=partner,
            partner_sku=sku,
            num_in_stock=held,
            price=Decimal(price),
            price_currency="EUR",
        )
    call_command("rebuild_index", interactive=False, verbosity=0)


if __name__ == "__main__":
    seed(int(sys.argv[1]))
