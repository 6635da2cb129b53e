"""Accounts are made by an administrator; nobody signs up."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The caller's address for the limits; a wrong number of trusted proxies makes no log-in fail."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured:
            logging.getLogger(__name__).warning("TRUSTED_PROXIES is larger than the list in X-Forwarded-For")
            return str(request.META.get("REMOTE_ADDR", ""))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        response = super().post_login(request, user, **kwargs)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=31_536_000, samesite="Lax")
        return response
