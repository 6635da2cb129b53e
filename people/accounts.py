"""The account pages' own forms."""

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest


class OwnAddressResetForm(ResetPasswordForm):
    """A password is reset only through an address that is known to be the person's own."""

    def clean_email(self) -> str:
        address = super().clean_email()
        found: list[Any] = getattr(self, "users", [])
        self.users = [user for user in found if user.email_confirmed and not user.is_anonymous]
        return address


def invite(request: HttpRequest, person: Any) -> bool:
    """Send the message of “password forgotten” to the person's own address; False where none is known to be theirs."""
    form = OwnAddressResetForm({"email": person.email})
    if not (person.email and form.is_valid() and form.users):
        return False
    form.save(request)
    return True
