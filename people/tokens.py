"""Tokens of programs: named, with an end, hashed, for reading or for acting, and gone with the password."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS

from lib import moment
from people.models import ApiToken, User

KEYWORD = "Token"
LONGEST_DAYS = 365
#: The last use is noted to the minute: a busy program costs no write per request.
NOTED_EVERY = timedelta(minutes=1)


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def mark(user: User) -> str:
    """What changes with the person's password."""
    return digest(user.get_session_auth_hash())


def make(user: User, *, name: str, scope: str, days: int, at: datetime | None = None) -> tuple[ApiToken, str]:
    """A new token and its key; the key is shown once and kept nowhere."""
    key, when = secrets.token_urlsafe(32), at or moment.now()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        start=key[:6],
        digest=digest(key),
        password_mark=mark(user),
        created_at=when,
        expires_at=when + timedelta(days=days),
    )
    return token, key


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <key>`. A token for reading only answers anything else with 403."""

    def authenticate(self, request: Any) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.lower().encode():
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("Send “Authorization: Token” and the token."))
        token = ApiToken.objects.select_related("user").filter(digest=hashlib.sha256(parts[1]).hexdigest()).first()
        now = moment.now()
        if (
            token is None
            or not token.user.is_active
            or not constant_time_compare(token.password_mark, mark(token.user))
        ):
            raise AuthenticationFailed(_("This token is not valid."))
        if token.expires_at <= now:
            raise AuthenticationFailed(_("This token has ended: make a new one."))
        if token.scope == ApiToken.Scope.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied(_("This token may only read."))
        if token.last_used_at is None or now - token.last_used_at >= NOTED_EVERY:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return KEYWORD


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names it."""

    target_class = "people.tokens.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <key>"}
