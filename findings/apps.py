from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingsConfig(AppConfig):
    name = "findings"
    verbose_name = _("Findings")

    def ready(self) -> None:
        """An audit asks its findings before it moves on, without knowing this floor."""
        from audits.gates import BEGIN_CLOSURE_GATES, CLOSE_GATES
        from findings.gates import audit_may_begin_closure, audit_may_close

        CLOSE_GATES.append(audit_may_close)
        BEGIN_CLOSURE_GATES.append(audit_may_begin_closure)
