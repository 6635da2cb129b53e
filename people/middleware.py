"""Everyone logs in first; the page speaks the person's language."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation

OPEN_PREFIXES = ("/accounts/login", "/accounts/password/", "/accounts/2fa/authenticate", "/static/", "/api/")
OPEN_PATHS = ("/healthz", "/readyz", "/metrics", "/demo/login/", "/language/", "/session/", "/favicon.ico")


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Sends strangers to the log-in page, except from the few open addresses; the API answers for itself."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path in OPEN_PATHS or request.path.startswith(OPEN_PREFIXES):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class PreferredLanguageMiddleware:
    """Chinese, unless the language cookie asks for English (the log-in sets it to the person's own)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith("/api/") and not wanted:
            wanted = translation.get_language_from_request(request) if "HTTP_ACCEPT_LANGUAGE" in request.META else ""
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            return self.get_response(request)
