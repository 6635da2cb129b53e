"""Which parts of the procedure are a person's: by their standing roles, and by what they hold on sites and findings."""

from typing import Any

from findings.models import Finding
from people.models import Site
from people.rules import Role, roles_of

BY_ROLE: dict[str, str] = {
    Role.MARKET: "market",
    Role.CONTACT: "contact",
    Role.LEADER: "leader",
    Role.ESCORT: "escort",
    Role.CLOSURE: "closure",
    Role.SYSTEM_OFFICE: "office",
    Role.TOP: "top",
    Role.PROCESS_OWNER: "top",
}


def parts(user: Any) -> frozenset[str]:
    """The keys of `content.DUTIES` that this person has."""
    found = {BY_ROLE[role] for role in roles_of(user) if role in BY_ROLE}
    if Site.objects.filter(contact_id=user.pk).exists():
        found.add("site")
    if Finding.objects.filter(owner_id=user.pk).exists() or Site.objects.filter(owner_id=user.pk).exists():
        found.add("owner")
    if user.appointments.exists():
        found.add("team")
    return frozenset(found)
