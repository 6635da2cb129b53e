from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditsConfig(AppConfig):
    name = "audits"
    verbose_name = _("Audits")

    def ready(self) -> None:
        """Its records and their clocks are made known to the engine below; its moves turn them."""
        from attachments.registry import register
        from audits import clock_subject, clocks, defaults, master_tables, search_sources  # noqa: F401  each registers what it knows
        from audits.actions import MACHINE, joined
        from audits.models import Audit
        from clocks.actions import turn
        from masterdata.registry import MERGING
        from notices.actions import ANSWERED
        from questions import registry as questions

        register(Audit, lambda user: Audit.objects.visible_to(user))
        questions.register(
            Audit,
            questions.Asked(
                lambda user: Audit.objects.visible_to(user),
                lambda audit: [
                    audit.leader,
                    audit.lead_escort,
                    *(member.user for member in audit.team.all()),
                    *(place.contact for place in audit.places.all()),
                ],
            ),
        )
        MACHINE.after.append(turn)
        ANSWERED.append(clocks.acknowledged)
        MERGING.append(joined)
        from audits.filters import AuditFilter
        from audits.registers import AUDITS
        from lists.registry import keep

        keep(AUDITS, AuditFilter, "audits:list")
