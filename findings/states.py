"""The states of a finding, its steps, legs and categories (architecture §3, domain §3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FindingState(models.TextChoices):
    """What has been delivered and not sent back."""

    DRAFT = "draft", _("Draft")
    ISSUED = "issued", _("Issued")
    CONTAINED = "contained", _("Containment submitted")
    ANALYSED = "analysed", _("Root cause submitted")
    IMPLEMENTED = "implemented", _("Awaiting verification")
    CLOSED = "closed", _("Closed internally")
    CUSTOMER_CLOSED = "customer_closed", _("Closed by the customer")
    EFFECTIVE = "effective", _("Proven effective")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Step(models.TextChoices):
    CONTAIN = "contain", _("Containment")
    ANALYSE = "analyse", _("Root cause and countermeasures")
    CLOSE = "close", _("Closure")
    REVIEW = "review", _("Review")


class Grade(models.TextChoices):
    CRITICAL = "critical", _("Critical")
    MAJOR = "major", _("Major")
    MINOR = "minor", _("Minor")
    OBSERVATION = "observation", _("Observation")


class Source(models.TextChoices):
    ON_SITE = "on_site", _("Customer, on site")
    REPORT = "report", _("Customer's report")
    SELF = "self", _("Self-inspection")
    EFFECTIVENESS = "effectiveness", _("Effectiveness check")


class Purpose(models.TextChoices):
    """What a piece of evidence shows."""

    PROBLEM = "problem", _("The problem")
    CONTAIN = "contain", _("Containment")
    ANALYSE = "analyse", _("Root cause")
    CLOSE = "close", _("Implementation")
    EFFECT = "effect", _("Effectiveness")
    CUSTOMER = "customer", _("Customer's statement")
    DISPUTE = "dispute", _("Dispute")


class Category(models.TextChoices):
    """5M1E (procedure §3)."""

    MAN = "man", _("Man")
    MACHINE = "machine", _("Machine")
    MATERIAL = "material", _("Material")
    METHOD = "method", _("Method")
    MEASUREMENT = "measurement", _("Measurement")
    ENVIRONMENT = "environment", _("Environment")


class Leg(models.TextChoices):
    """The three legs of 5WHY (procedure §3): only with all three is the real problem found."""

    MAKING = "making", _("Making: why did it happen?")
    INSPECTION = "inspection", _("Inspection: why was it not found?")
    SYSTEM = "system", _("System: why was it not prevented?")


class Strength(models.TextChoices):
    """How strongly a countermeasure binds, the strongest first."""

    ERROR_PROOFING = "error_proofing", _("Error-proofing")
    AUTOMATION = "automation", _("Automation")
    PROCESS = "process", _("Process change")
    INSPECTION = "inspection", _("Inspection")
    DOCUMENT = "document", _("Document")
    TRAINING = "training", _("Training")


class Scope(models.TextChoices):
    """Where containment has to look (domain §2.8)."""

    LINE = "line", _("Line")
    WIP = "wip", _("Work in progress")
    STOCK = "stock", _("Finished stock")
    TRANSIT = "transit", _("In transit")
    CUSTOMER = "customer", _("At the customer")
    SIMILAR = "similar", _("Similar products and lines")
    SUPPLIER = "supplier", _("At the supplier")
    OTHER = "other", _("Another place")


#: The places that every containment says something about; the others are named where they matter.
ALWAYS = (Scope.LINE, Scope.WIP, Scope.STOCK, Scope.TRANSIT, Scope.CUSTOMER, Scope.SIMILAR)


VERIFIED_HOW = [("on_site", _("On the spot")), ("records", _("By records")), ("audit", _("By re-audit"))]
WINDOWS = [("30", _("30 days")), ("60", _("60 days")), ("90", _("90 days")), ("lots", _("3 lots in a row"))]

S = FindingState
OPEN = (S.ISSUED, S.CONTAINED, S.ANALYSED, S.IMPLEMENTED)
#: The state a finding falls back to when a step is sent back, and the state it has once that step is submitted.
BEFORE = {Step.CONTAIN: S.ISSUED, Step.ANALYSE: S.CONTAINED, Step.CLOSE: S.ANALYSED}
AFTER = {Step.CONTAIN: S.CONTAINED, Step.ANALYSE: S.ANALYSED, Step.CLOSE: S.IMPLEMENTED}
ORDER = (Step.CONTAIN, Step.ANALYSE, Step.CLOSE)
