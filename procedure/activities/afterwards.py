"""Stage 4, review, reports and accountability."""

from django.utils.translation import gettext_lazy as _

from procedure.content import Activity

ACTIVITIES: tuple[Activity, ...] = (
    Activity(
        "4-01",
        True,
        ("escort",),
        "audits:list",
        _("Retrospective"),
        _("Plan and actual, surprises, answers that failed, what the self-inspection missed, lessons."),
        _("Retrospective"),
        _("5 working days after the end"),
    ),
    Activity(
        "4-02",
        True,
        ("leader", "escort"),
        "reports:index",
        _("Month, quarter and year"),
        _("Figures by the system, words by the Leader, published inside the group."),
        _("Summary report"),
        _("5th, 10th, 15 January"),
    ),
    Activity(
        "4-03",
        True,
        ("leader",),
        "closure:ledger",
        _("Monthly accountability"),
        _("Candidates by rule, the owner's statement, the Leader issues, appeal."),
        _("Accountability"),
        _("by the 8th"),
    ),
    Activity(
        "4-04",
        True,
        ("closure",),
        "closure:ledger",
        _("Keep the ledger"),
        _("Entered by rule, released by rule."),
        _("Ledger"),
        _("every month"),
    ),
    Activity(
        "4-05",
        False,
        ("escort", "office"),
        "audits:list",
        _("Lessons into checklists"),
        _("Checklists, FMEA and instructions are changed."),
        _("Changed documents"),
        _("with the retrospective"),
    ),
    Activity(
        "4-06",
        False,
        ("office",),
        "reports:index",
        _("Input to the management review"),
        _("What the half-year showed goes into the review."),
        _("Input"),
        _("every half-year"),
    ),
)
