from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = _("Findings")

    def ready(self) -> None:
        """An audit asks its findings before it moves on, and its moves turn its clocks, without knowing this floor."""
        from audits.actions import MACHINE
        from audits.gates import BEGIN_CLOSURE_GATES, CLOSE_GATES
        from calendars.models import CLOCKS
        from findings import audit_clocks, finding_clocks  # noqa: F401  each registers its kinds
        from findings.clock import acknowledged, follow_audit, turn
        from findings.gates import audit_may_begin_closure, audit_may_close
        from findings.kinds import KINDS
        from notices.actions import ANSWERED

        CLOCKS.update(KINDS)
        CLOSE_GATES.append(audit_may_close)
        BEGIN_CLOSURE_GATES.append(audit_may_begin_closure)
        MACHINE.after.extend([turn, follow_audit])
        ANSWERED.append(acknowledged)
