from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        """The floor of the people owes notices too, without knowing this one."""
        from notices.actions import tell_people
        from people.actions import TELL

        if tell_people not in TELL:
            TELL.append(tell_people)
