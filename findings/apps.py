from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = _("Findings")

    def ready(self) -> None:
        """Its records and their clocks are made known to the engine below; an audit asks its findings before it moves on,
        without knowing this floor.
        """
        from attachments.registry import register
        from audits.actions import MACHINE
        from audits.gates import BEGIN_CLOSURE_GATES, CLOSE_GATES
        from findings import (  # noqa: F401  each registers what it knows
            clock_subject,
            clocks,
            defaults,
            dispute_moves,
            exemption_moves,
            read_across_moves,
            search_sources,
        )
        from findings.gates import audit_may_begin_closure, audit_may_close
        from findings.models import Finding
        from questions import registry as questions

        register(Finding, lambda user: Finding.objects.visible_to(user))
        questions.register(
            Finding,
            questions.Asked(
                lambda user: Finding.objects.visible_to(user),
                lambda finding: [
                    finding.owner,
                    finding.closure_manager,
                    finding.audit.lead_escort,
                    finding.audit.leader,
                    finding.created_by,
                ],
            ),
        )
        CLOSE_GATES.append(audit_may_close)
        BEGIN_CLOSURE_GATES.append(audit_may_begin_closure)
        MACHINE.after.append(clocks.follow_audit)
        MACHINE.after.append(search_sources.follow_audit)
        from findings.filters import FindingFilter
        from findings.registers import FINDINGS
        from lists.registry import keep

        keep(FINDINGS, FindingFilter, "findings:list")
