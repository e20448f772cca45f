"""Oscar's pages at the root, its REST API under /api/."""

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def health(_request: HttpRequest) -> HttpResponse:
    """Say that this server answers."""
    return HttpResponse("ok")


urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("oscarapi.urls")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
