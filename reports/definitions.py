"""What every figure means (domain §2.11), in the reader's language: printed beside the figure, for disputes are always about
the denominator. docs/figures.md says the same with examples.
"""

from django.utils.translation import gettext as _


def definitions() -> dict[str, str]:
    """One sentence per figure, by its key."""
    return {
        "audits": _(
            "Planned, postponed and cancelled are counted by the first planned day; held and sudden by the day the audit "
            "began. An audit that was sudden from the start has no plan."
        ),
        "rates": _(
            "Findings whose original due time lies in the period, each counted once. In time: the revision that was finally "
            "accepted was submitted by the due time. Late: submitted later, or open past it; one late round makes the "
            "finding late. Undecided: not yet due, or waiting for the review. Withdrawn and self-inspection findings are "
            "left out."
        ),
        "exempted": _(
            "An exemption counts only when it was applied for before the due time; then the finding is left out of the "
            "5-day rate and judged by its new date in a line of its own, in the period of its original due time."
        ),
        "first_pass": _(
            "Findings closed internally for the first time in the period, of which no answer was ever sent back, out of "
            "all findings closed internally for the first time in the period."
        ),
        "closing": _(
            "Hours from the start of a round (issue, or reopening) to its internal closure, for every closure in the "
            "period. P90 by nearest rank: the smallest value that nine tenths of the closures do not exceed."
        ),
        "ageing": _(
            "Findings open at the end of the period (or now, while it runs) by days since they were issued; "
            "self-inspection findings apart."
        ),
        "ledger": _(
            "Entries whose breach lies in the period: by the plant's own calendar where it consists of months, by the group's "
            "days where it is a range."
        ),
    }
