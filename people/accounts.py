"""The account pages' own forms."""

from typing import Any

from allauth.account.forms import ResetPasswordForm


class OwnAddressResetForm(ResetPasswordForm):
    """A password is reset only through an address that is known to be the person's own."""

    def clean_email(self) -> str:
        address = super().clean_email()
        found: list[Any] = getattr(self, "users", [])
        self.users = [user for user in found if user.email_confirmed and not user.is_anonymous]
        return address
