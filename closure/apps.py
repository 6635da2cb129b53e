from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClosureConfig(AppConfig):
    name = "closure"
    verbose_name = _("Closure")

    def ready(self) -> None:
        """The sweep below writes the ledger in its own transaction, and counts it, without knowing it."""
        from clocks.metrics import COUNTERS
        from clocks.sweep import FOLLOWS
        from closure.ledger import enter
        from closure.models import LedgerEntry

        FOLLOWS.append(enter)
        COUNTERS.append(("ledger_entries", "Ledger entries written.", LedgerEntry))
        from closure.filters import LedgerFilter
        from closure.registers import LEDGER
        from lists.registry import keep

        keep(LEDGER, LedgerFilter, "closure:ledger")
