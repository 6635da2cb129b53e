"""The figures of a period counted again, slowly and in plain Python, from rows and trails: no SQL but reading tables.

Written from docs/figures.md, not from reports/; where both agree over every period of a played year and over random
histories, the page says what the definitions say.
"""

import math
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from audits.models import Audit
from clocks.deadlines import Deadline
from closure.models import LedgerEntry
from findings.answers import Verdict
from findings.models import Finding, FindingEvent

ZONE = ZoneInfo("Asia/Shanghai")
OPEN_STATES = {"issued", "contained", "analysed", "implemented"}


def bounds(name: str) -> tuple[datetime, datetime]:
    """The first moment of the period, and the first after it."""
    if ".." in name:
        first, last = (datetime.fromisoformat(day).replace(tzinfo=ZONE) for day in name.split(".."))
        return first, last + timedelta(days=1)
    year, rest = int(name[:4]), name[5:]
    length = {"Q": 3, "H": 6, "": 12}.get(rest[:1], 1)
    begins = {
        3: lambda: (int(rest[1]) - 1) * 3,
        6: lambda: (int(rest[1]) - 1) * 6,
        12: lambda: 0,
        1: lambda: int(rest) - 1,
    }
    month = begins[length]()
    after = month + length
    return datetime(year, month + 1, 1, tzinfo=ZONE), datetime(year + after // 12, after % 12 + 1, 1, tzinfo=ZONE)


def _in_ledger(entry: LedgerEntry, name: str, start: datetime, end: datetime) -> bool:
    """By the plant's own month, which the entry carries; in a range of days by the group's."""
    if ".." in name:
        return start <= entry.breached_at < end
    return f"{start:%Y-%m}" <= entry.month <= f"{end - timedelta(seconds=1):%Y-%m}"


def recount(name: str, now: datetime) -> dict[str, Any]:
    start, end = bounds(name)
    findings = {one.pk: one for one in Finding.objects.select_related("audit__customer", "site")}
    trails: dict[int, list[FindingEvent]] = {pk: [] for pk in findings}
    for event in FindingEvent.objects.order_by("finding", "position"):
        if not event.about:  # of the finding itself, not of what stands beside it
            trails[event.finding_id].append(event)
    counted = {pk for pk, one in findings.items() if one.source != "self" and one.state != "withdrawn"}
    issued = [findings[pk] for pk in counted if _issued(trails[pk]) and start <= _issued(trails[pk]) < end]
    closings = _closings(counted, trails, start, end)
    hours = sorted((one["closed"] - one["began"]).total_seconds() / 3600 for one in closings)
    return {
        "audits": _audits(start, end),
        "total": len(issued),
        "grade": Counter(one.grade for one in issued),
        "category": Counter(one.category or "none" for one in issued),
        "customer": Counter(one.audit.customer.code for one in issued if one.audit.customer),
        "site": Counter(one.site.code for one in issued),
        "rates": {step: _rate(step, counted, start, end, now) for step in ("contain", "analyse", "close")},
        "ageing": _ageing(findings, trails, min(end, now), own=False),
        "ageing_self": _ageing(findings, trails, min(end, now), own=True),
        "first_pass": _first_pass(closings),
        "closing": {
            "count": len(hours),
            "mean": round(sum(hours) / len(hours), 1) if hours else None,
            "p90": round(hours[math.ceil(0.9 * len(hours)) - 1], 1) if hours else None,
        },
        "ledger": Counter(one.rule for one in LedgerEntry.objects.all() if _in_ledger(one, name, start, end)),
    }


def _issued(trail: list[FindingEvent]) -> Any:
    return next((event.event_at for event in trail if event.move == "issue"), None)


def _audits(start: datetime, end: datetime) -> Counter[str]:
    found: Counter[str] = Counter()
    for audit in Audit.objects.all():
        first: date | None = audit.first_planned_start
        if first and start.date() <= first < end.date() and audit.state != "lead":
            found["planned"] += 1
            found["cancelled"] += audit.state == "cancelled"
            found["postponed"] += audit.state == "postponed" or bool(
                audit.planned_start and audit.planned_start > first
            )
        if audit.actual_start and start <= audit.actual_start < end:
            found["held"] += 1
            found["sudden"] += audit.sudden
    return found


def _rate(step: str, counted: set[int], start: datetime, end: datetime, now: datetime) -> dict[str, int]:
    """Each finding once: by its worst round; what an exemption carries apart."""
    rounds: dict[int, list[str]] = {}
    carried: dict[int, list[str]] = {}
    for row in Deadline.objects.of(Finding).filter(step=step):
        let_off = row.stopped_at and row.stopped_at <= row.judged_due_at
        if row.subject_id not in counted or let_off or not start <= row.original_due_at < end:
            continue
        if row.answered_at:
            late = row.answered_at > row.judged_due_at
            said = "miss" if late else "hit" if row.accepted_at else "undecided"
        else:
            said = "miss" if row.judged_due_at < now else "undecided"
        exempt = step == "close" and row.exempted_at and row.judged_due_at == row.due_at
        (carried if exempt else rounds).setdefault(row.subject_id, []).append(said)
    worst = [next(one for one in ("miss", "undecided", "hit") if one in said) for said in rounds.values()]
    apart = list(carried.values())
    return {
        "hit": worst.count("hit"),
        "miss": worst.count("miss"),
        "undecided": worst.count("undecided"),
        "exempted": len(apart),
        "exempted_miss": sum("miss" in said for said in apart),
        "exempted_hit": sum("miss" not in said and "hit" in said for said in apart),
    }


def _ageing(findings: Any, trails: Any, at: datetime, *, own: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for pk, one in findings.items():
        before = [event for event in trails[pk] if event.event_at < at and event.target]
        if (one.source == "self") != own or not before or before[-1].target not in OPEN_STATES:
            continue
        days = (at - _issued(trails[pk])) // timedelta(days=1)
        found["0-5" if days < 6 else "6-30" if days < 31 else "31-90" if days < 91 else "90+"] += 1
    return found


def _closings(counted: set[int], trails: Any, start: datetime, end: datetime) -> list[dict[str, Any]]:
    found = []
    for pk in counted:
        began, first = None, True
        for event in trails[pk]:
            if event.move in {"issue", "reopen"}:
                began = event.event_at
            if event.move == "close":
                if start <= event.event_at < end:
                    found.append({"finding": pk, "began": began, "closed": event.event_at, "first": first})
                first = False
    return found


def _first_pass(closings: list[dict[str, Any]]) -> dict[str, int]:
    hit = total = 0
    for one in closings:
        if one["first"]:
            returned = [
                verdict
                for verdict in Verdict.objects.filter(submission__finding=one["finding"])
                if verdict.outcome == "returned" and verdict.at <= one["closed"]
            ]
            total += 1
            hit += not returned
    return {"hit": hit, "total": total}


def differences(said: dict[str, Any], now: datetime) -> list[str]:
    """Where the page's figures and the recount say different things."""
    name = said.get("month") or said["period"]
    mine = recount(name, now)
    found = []
    for figure in ("audits", "grade", "category", "customer", "site", "ageing", "ageing_self", "ledger"):
        page = {row["key"]: row["count"] for row in said[figure] if row["count"]}
        plain = {key: count for key, count in mine[figure].items() if count}
        if page != plain:
            found.append(f"{name} {figure}: {page} against {plain}")
    for row in said["rates"]:
        page = {key: row[key] for key in mine["rates"][row["key"]]}
        if page != mine["rates"][row["key"]]:
            found.append(f"{name} {row['key']}: {page} against {mine['rates'][row['key']]}")
        due = row["hit"] + row["miss"]
        if row["rate"] != (round(100 * row["hit"] / due, 1) if due else None):
            found.append(f"{name} {row['key']}: rate {row['rate']}")
    if said["total"] != mine["total"]:
        found.append(f"{name} total: {said['total']} against {mine['total']}")
    if {key: said["first_pass"][key] for key in ("hit", "total")} != mine["first_pass"]:
        found.append(f"{name} first pass: {said['first_pass']} against {mine['first_pass']}")
    if said["closing"] != mine["closing"]:
        found.append(f"{name} closing: {said['closing']} against {mine['closing']}")
    return found
