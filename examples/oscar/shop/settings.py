"""The shop's settings. What differs from one machine to the next comes from the environment."""

from os import environ
from pathlib import Path

import oscar
from oscar.defaults import *  # noqa: F403 - Oscar's documented way of taking over its defaults

DATA = Path(environ["SHOP_DATA"])

SECRET_KEY = environ["SHOP_SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
SITE_ID = 1
ROOT_URLCONF = "shop.urls"
STATIC_URL = "/static/"
MEDIA_ROOT = DATA / "media"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SESSION_ENGINE = "django.contrib.sessions.backends.db"

INSTALLED_APPS = [
    "shop.checkout.apps.CheckoutConfig" if app == "oscar.apps.checkout.apps.CheckoutConfig" else app
    for app in oscar.INSTALLED_APPS
] + ["sorl.thumbnail", "rest_framework", "rest_framework.authtoken", "oscarapi"]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.flatpages.middleware.FlatpageFallbackMiddleware",
    "oscarapi.middleware.ApiBasketMiddleWare",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oscar.apps.search.context_processors.search_form",
                "oscar.apps.checkout.context_processors.checkout",
                "oscar.core.context_processors.metadata",
            ]
        },
    }
]

# An order takes its stock in one transaction, as everywhere in Oscar; IMMEDIATE lets SQLite wait for the lock
# instead of failing when a second writer comes.
DATABASES = {
    "postgresql": {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": environ.get("SHOP_DATABASE_HOST", "127.0.0.1"),
            "PORT": environ.get("SHOP_DATABASE_PORT", "5432"),
            "NAME": "postgres",
            "USER": "shop",
            "PASSWORD": environ.get("SHOP_DATABASE_PASSWORD", ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5},
        }
    },
    "sqlite": {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "shop.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            },
        }
    },
}[environ.get("SHOP_DATABASE", "sqlite")]

HAYSTACK_CONNECTIONS = {
    "default": {"ENGINE": "haystack.backends.whoosh_backend.WhooshEngine", "PATH": str(DATA / "whoosh")}
}

OSCAR_SHOP_NAME = "Rehearsal example"
OSCAR_DEFAULT_CURRENCY = "EUR"
OSCAR_ALLOW_ANON_CHECKOUT = True
OSCAR_INITIAL_ORDER_STATUS = OSCAR_INITIAL_LINE_STATUS = "new"
OSCAR_ORDER_STATUS_PIPELINE = {"new": ("sent", "cancelled"), "sent": (), "cancelled": ()}

# Who reads the books shows a token of the staff: `Authorization: Token ...`.
OSCARAPI_BLOCK_ADMIN_API_ACCESS = False
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    )
}

# The link to the payment provider, and how long a shopper is kept waiting for it.
SHOP_PAYMENT_URL = environ.get("SHOP_PAYMENT_URL", "http://127.0.0.1:18121")
SHOP_PAYMENT_TIMEOUT_S = float(environ.get("SHOP_PAYMENT_TIMEOUT_S", "3"))
