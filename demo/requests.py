"""What the requests of the demo say."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from demo import wording


def fields(rng: Random, customer: Any, kind: Any, visit: datetime) -> dict[str, Any]:
    """What the request form holds."""
    local = timezone.localdate(visit)
    return {
        "customer": customer,
        "kind": kind,
        "mode": "on_site",
        "regular": True,
        "planned_start": local,
        "planned_end": local + timedelta(days=1),
        "scope": rng.choice(wording.SCOPES),
        "agenda": wording.AGENDA,
        "departments": "制造部、品质部、仓储部",
        "headcount": rng.randrange(2, 6),
        "checklist": "given",
        "checklist_follow_up": None,
        "division": "",
        "product": f"机种{rng.randrange(100, 999)}",
        "customer_contact": "",
        "criteria": "客户质量协议",
        "special_demands": wording.DEMANDS,
        "logistics": wording.LOGISTICS,
    }


def auditors(rng: Random) -> list[dict[str, str]]:
    """One to three of the customer's auditors."""
    return [
        {"name": f"审核员{sign}", "position": "SQE", "speciality": "制程", "language": "中文"}
        for sign in "甲乙丙"[: rng.randrange(1, 4)]
    ]
