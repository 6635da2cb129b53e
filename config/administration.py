"""The administration: one log-in for all, and only the product's own tables.

What libraries register would let an administrator read tokens and secrets, or tie an address or an identity to somebody
else's account and so become them.
"""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin


def close(site: admin.AdminSite) -> None:
    """Leave only the product's tables, behind the product's log-in with its lock-out and second factor."""
    for model in [model for model in site._registry if model._meta.app_label not in settings.OWN_APPS]:
        site.unregister(model)
    site.login = secure_admin_login(site.login)  # type: ignore[method-assign]
