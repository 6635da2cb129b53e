"""The play: a year of a fictitious group, through the doors, under a travelling clock."""

import heapq
from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from audits import actions as audit_actions
from audits.effects import notice_rows
from audits.models import Audit
from audits.states import AuditState
from clocks.deadlines import Deadline
from clocks.sweep import sweep
from closure.ledger import record_returns
from demo import people, requests, texts, wording
from demo.courses import deck
from demo.findings import Story
from demo.pictures import photo
from findings import actions as finding_actions
from findings.models import Finding
from findings.states import Source
from lib import moment
from lib.storage import store
from notices.actions import answer
from notices.models import Delivery, Notice
from people.models import User
from workflow.errors import GateClosed

#: A year with every state, course and rung in it, played in half a minute; and the one that fills a big plant's lists.
AUDITS, FINDINGS, DAYS = 26, 64, 365
FULL_AUDITS, FULL_FINDINGS = 44, 330
HOUR = timedelta(hours=1)
#: The last audits, in days from today; of those to come, how many hours ago the request came in.
RECENT = (-11, -8, -6, -4.5, -3.5, -2.5, -1.6, -0.4, 4, 12, 16, 20, 25)
UPCOMING = {-4: 30, -3: 22, -2: 5, -1: 1}
SWEEP_EVERY = timedelta(hours=6)


class Play:
    """An agenda of acts in order of time; the clock travels to each, and the sweep runs in between."""

    def __init__(
        self,
        seed: int,
        *,
        end: datetime | None = None,
        audits: int = AUDITS,
        findings: int = FINDINGS,
        told: Callable[[int], None] = lambda _percent: None,
    ) -> None:
        self.told = told
        self.rng, self.end = Random(seed), (end or timezone.now()).replace(microsecond=0)
        self.audits, self.findings = audits, findings
        self.start = self.end - timedelta(days=DAYS)
        self.now = self.start
        self._agenda: list[tuple[datetime, int, Callable[[], Any]]] = []
        self._order = count()
        self._recorded: list[int] = []
        self.courses = deck(self.rng)
        #: When the sweep has to look again; None: nothing waits.
        self._alarm: datetime | None = None

    def at(self, when: datetime, act: Callable[[], Any]) -> None:
        heapq.heappush(self._agenda, (max(when, self.now), next(self._order), act))

    def run(self) -> None:
        """Build the people, put the audits on the agenda, and play until the present."""
        world = people.build(timezone.localdate(self.end))
        self.users, self.sites = world["users"], world["sites"]
        self.customers, self.kinds = list(world["customers"].values()), world["kinds"]
        for n in range(self.audits):
            self._plan(n)
        due = self.start
        while self._agenda and self._agenda[0][0] <= self.end:
            when, _order, act = heapq.heappop(self._agenda)
            due = self._sweep(due, when)
            self.now = when
            self.progress(when)
            with moment.travel(when):
                act()
            self._look()
        self._finish(due)

    def progress(self, when: datetime) -> None:
        """How far the year has come, in percent."""
        self.told(round(100 * ((when - self.start) / (self.end - self.start))))

    def _look(self) -> None:
        alarms = Deadline.objects.exclude(next_alarm_at=None)
        self._alarm = alarms.order_by("next_alarm_at").values_list("next_alarm_at", flat=True).first()

    def _sweep(self, due: datetime, until: datetime) -> datetime:
        """The sweeps up to `until`, without those that would find nothing. Returns when the next one is due."""
        while due <= until:
            if self._alarm is not None and self._alarm <= due:
                sweep(now=due)
                self._look()
            due += SWEEP_EVERY
        return due

    def _finish(self, due: datetime) -> None:
        """The last sweeps, the ledger of returns, and mail: what was due long ago has long been sent and read."""
        self._sweep(due, self.end)
        sweep(now=self.end)
        record_returns(now=self.end)
        Delivery.objects.filter(next_try_at__lt=self.end - timedelta(days=1)).update(
            status=Delivery.Status.SENT, attempts=1
        )
        Notice.objects.filter(created_at__lt=self.end - timedelta(days=3)).update(read_at=self.end)

    def fresh(self, user: Any) -> User:
        return User.objects.get(pk=user.pk)  # without what was remembered at an earlier moment

    def colleagues(self, finding: Finding) -> list[User]:
        """Who may get an action: the owner, engineers of the plant, now and then purchasing."""
        plant = finding.site.unit.code.lower()
        found = [finding.owner, *(self.users[f"{plant}-engineer{n}"] for n in (3, 4, 5))]
        return [person for person in (*found, self.users["buyer"]) if person is not None]

    def _local(self, day: datetime, hour: int) -> datetime:
        zone = ZoneInfo(settings.TIME_ZONE)
        return datetime.combine(day.astimezone(zone).date(), time(hour, self.rng.randrange(0, 59)), zone)

    def _plan(self, n: int) -> None:
        """The n-th audit: spread over the year and the weeks to come; some sudden, postponed or cancelled."""
        day = self._day(n)
        visit = self._local(day, 9)
        rng, customer = self.rng, self.customers[n % len(self.customers)]
        kind = rng.choice(list(self.kinds.values()))
        plant = rng.choice(["F1", "F2", "F3", "F4"])
        sites = [site for site in self.sites if site.unit.code == plant]
        if rng.random() < 0.25:
            other = rng.choice([site for site in self.sites if site not in sites])
            sites = [*sites[:2], other]
        fields = requests.fields(self.rng, customer, kind, visit)
        facts = {
            "fields": fields,
            "sites": sites,
            "auditors": requests.auditors(self.rng),
            "documents": list(wording.DOCUMENTS),
        }
        if n % 9 == 4 and n < self.audits - 5:
            self._sudden(visit, facts)
        else:
            self._ordinary(n, visit, facts)

    def _day(self, n: int) -> datetime:
        """Spread over the year; the last ones close to today, so that every state is there to be seen."""
        spread = self.audits - len(RECENT)
        if n < spread:
            return self.start + timedelta(days=20 + n * (DAYS - 34) / spread)
        return self.end + timedelta(days=RECENT[n - spread])

    def _logged(self, n: int, visit: datetime) -> datetime:
        """When the request came in: weeks before, or for the last audits so late that they are still on their way."""
        ago = UPCOMING.get(n - self.audits)
        if ago is not None:
            return self.end - timedelta(hours=ago)
        return visit - timedelta(days=self.rng.randrange(10, 18), hours=2)

    def _as(self, username: str) -> User:
        return self.fresh(self.users[username])

    def _ordinary(self, n: int, visit: datetime, facts: dict[str, Any]) -> None:
        logged = self._logged(n, visit)
        box: dict[str, int] = {}
        market = self.rng.choice(["market1", "market2", "market3"])

        def log() -> None:
            if n % 4 == 1 or n == self.audits - 1:
                lead = audit_actions.pass_on_lead(
                    by=self._as(self.rng.choice(["contact1", "contact2"])),
                    customer_name=facts["fields"]["customer"].name,
                    note="客户驻厂人员提到下月要来看产线，具体范围待确认。",
                )
                box["pk"] = lead.pk
                if n == self.audits - 1:
                    return
                audit_actions.perform(lead.pk, "draft", by=self._as(market), **facts)
            else:
                box["pk"] = audit_actions.log_request(by=self._as(market), **facts).pk

        def step(move: str, who: str, **given: Any) -> Callable[[], None]:
            def act() -> None:
                audit = Audit.objects.get(pk=box["pk"])
                if audit.state in {AuditState.POSTPONED, AuditState.CANCELLED}:
                    return
                by = audit.leader if who == "leader" else audit.lead_escort if who == "escort" else self.users[who]
                audit_actions.perform(audit.pk, move, by=self.fresh(by), **given)

            return act

        self.at(logged, log)
        self.at(logged + 3 * HOUR, lambda: self._appoint(box["pk"], market))
        self.at(logged + 20 * HOUR, lambda: self._name_team(box["pk"]))
        self.at(logged + 24 * HOUR, step("confirm", "leader"))
        if n % 13 == 6 and n < self.audits - 13:
            self.at(logged + 40 * HOUR, step("cancel", market, reason="客户取消本次稽核"))
            return
        if n % 11 == 7 and n < self.audits - 13:
            self.at(logged + 40 * HOUR, step("postpone", market, deviation="customer", reason="客户改期"))
            visit = visit + timedelta(days=9)
            resumed = {"planned_start": timezone.localdate(visit), "planned_end": timezone.localdate(visit)}
            self.at(logged + 60 * HOUR, lambda: self._resume(box["pk"], market, resumed))
        self.at(
            logged + 72 * HOUR,
            step("send_notice", "escort", message="请各场所按客户清单自查自纠，T-1前完成；" + wording.DEMANDS),
        )
        self.at(logged + 90 * HOUR, lambda: self._acknowledge(box["pk"]))
        self._on_the_day(box, visit, step)

    def _appoint(self, pk: int, market: str) -> None:
        from audits.matrix import proposals

        audit = Audit.objects.get(pk=pk)
        best = proposals(audit.kind, audit.customer)[0]
        audit_actions.perform(
            pk,
            "appoint_leader",
            by=self._as(market),
            leader=best.leader,
            reason="",
            matrix_row=best.row,
            matrix_why=best.why,
        )

    def _name_team(self, pk: int) -> None:
        audit = Audit.objects.get(pk=pk)
        escort = self.rng.choice(["escort1", "escort2", "escort3", "escort4", "escort5"])
        helpers = self.rng.sample([name for name in self.users if "engineer" in name or name.startswith("escort")], 3)
        team = [
            {"user": self.users[name], "duty": duty, "reason": ""}
            for name, duty in zip(helpers, ("scribe", "liaison", "documents"), strict=True)
            if name != escort
        ]
        audit_actions.perform(pk, "name_team", by=self.fresh(audit.leader), lead_escort=self.users[escort], team=team)

    def _resume(self, pk: int, market: str, dates: dict[str, Any]) -> None:
        if Audit.objects.get(pk=pk).state == AuditState.POSTPONED:
            audit_actions.perform(pk, "resume", by=self._as(market), **dates)

    def _acknowledge(self, pk: int) -> None:
        for notice in notice_rows(Audit.objects.get(pk=pk)).order_by("id"):
            if self.rng.random() < 0.85:
                answer(notice, at=self.now)

    def _sudden(self, visit: datetime, facts: dict[str, Any]) -> None:
        """Called at nine, here at two: Leader and lead escort only, the rest back-filled the next day."""
        box: dict[str, int] = {}
        thin = {
            name: value
            for name, value in facts["fields"].items()
            if name in {"customer", "kind", "mode", "planned_start", "planned_end"}
        }

        def log() -> None:
            box["pk"] = audit_actions.log_request(
                by=self._as("market1"),
                fields=thin | {"regular": False},
                sites=facts["sites"],
                sudden=True,
                received_at=self.now - HOUR,
            ).pk
            self._appoint(box["pk"], "market1")

        def begin() -> None:
            audit = Audit.objects.get(pk=box["pk"])
            audit_actions.perform(
                audit.pk,
                "start_sudden",
                by=self.fresh(audit.leader),
                lead_escort=self.users["escort1"],
                event_at=self.now - timedelta(minutes=30),
            )

        def fill() -> None:
            audit = Audit.objects.get(pk=box["pk"])
            audit_actions.perform(audit.pk, "revise", by=self.fresh(audit.leader), **facts)

        def step(move: str, who: str, **given: Any) -> Callable[[], None]:
            def act() -> None:
                audit = Audit.objects.get(pk=box["pk"])
                by = audit.leader if who == "leader" else audit.lead_escort
                audit_actions.perform(audit.pk, move, by=self.fresh(by), **given)

            return act

        self.at(visit, log)
        self.at(visit + 5 * HOUR, begin)
        self.at(visit + 20 * HOUR, fill)
        self._on_the_day(box, visit + 6 * HOUR, step, opened=True)

    def _on_the_day(self, box: dict[str, int], visit: datetime, step: Any, *, opened: bool = False) -> None:
        if not opened:
            self.at(visit, step("start", "escort", minutes="介绍双方人员，确认范围与日程。", attendees="双方人员"))
        ends = visit + timedelta(hours=self.rng.randrange(22, 32))
        self.at(visit + 3 * HOUR, lambda: self._capture(box["pk"]))
        result = self.rng.choice(["passed", "conditional", "conditional", "pending"])
        self.at(
            ends,
            step(
                "hold_closing",
                "escort",
                result=result,
                score=f"{self.rng.randrange(78, 97)}分",
                minutes="逐条宣读问题点，客户确认；约定回复期限。",
                attendees="客户审核组、Leader、主陪审员、各场所接口人",
            ),
        )
        self.at(ends + 1 * HOUR, lambda: self._issue(box["pk"]))
        self.at(ends + 20 * HOUR, step("begin_closure", "escort"))
        for days in (35, 60, 90, 130, 200):
            self.at(ends + timedelta(days=days), lambda: self._wind_up(box["pk"]))

    # Findings -------------------------------------------------------------------------------------------------------

    def _capture(self, pk: int) -> None:
        """The findings of one audit, as drafts."""
        audit = Audit.objects.select_related("lead_escort").get(pk=pk)
        if audit.state != AuditState.ON_SITE:
            return
        planned = self.findings // (self.audits - 9) + self.rng.choice([-2, -1, 0, 1, 2, 3])
        cases = self.rng.sample(texts.CASES, len(texts.CASES))
        for n in range(planned):
            self._draft(audit, cases[n % len(cases)], n)

    def _draft(self, audit: Audit, case: texts.Case, n: int) -> None:
        rng, escort = self.rng, self.fresh(audit.lead_escort)
        site = rng.choice([place.site for place in audit.places.select_related("site__owner", "site__closure_manager")])
        observation = rng.random() < 0.1
        line, quantity = rng.randrange(1, 9), rng.randrange(40, 900)
        where = case.where.format(n=line)
        what = rng.choice(wording.OBSERVATIONS)[0].format(where=where) if observation else case.what.format(n=line)
        grade = "observation" if observation else rng.choices(["critical", "major", "minor"], [5, 30, 65])[0]
        before = Finding.objects.filter(
            site=site, clause=case.clause, state__in=["closed", "customer_closed", "effective"]
        )
        fields = {
            "site": site,
            "what": what,
            "when": "稽核当日",
            "where": where,
            "found_by": "客户审核员与陪审人员",
            "why": case.why,
            "how": case.how,
            "how_much": case.how_much.format(q=quantity),
            "grade": grade,
            "clause": case.clause,
            "customer_words": case.what.format(n=line),
            "customer_grade": {"critical": "Critical", "major": "Major"}.get(grade, "Minor"),
            "source": Source.SELF if rng.random() < 0.06 else Source.ON_SITE,
            "repeat_of": before.order_by("pk").first() if rng.random() < 0.35 else None,
        }
        finding = finding_actions.create(
            audit, by=escort, fields=fields, files=[store(photo(rng, f"{audit.number}-{n + 1}"))]
        )
        self._recorded.append(finding.pk)

    def _issue(self, pk: int) -> None:
        audit = Audit.objects.get(pk=pk)
        if audit.state not in {AuditState.ON_SITE, AuditState.CLOSING_HELD}:
            return
        drafts = list(Finding.objects.filter(audit=audit, state="draft").order_by("pk"))
        recent = self.end - self.now < timedelta(hours=19) and len(drafts) > 4
        chosen = drafts[:-2] if recent else drafts
        finding_actions.issue_many(audit, [draft.pk for draft in chosen], by=self.fresh(audit.lead_escort))
        cases = {case.clause: case for case in texts.CASES}
        for finding in chosen:
            # One of the newest is disputed, and its Leader has still to decide.
            waits = self.end - self.now < timedelta(days=1) and finding == chosen[-1] and not finding.is_observation
            story = Story(self, finding, cases[finding.clause], "contested" if waits else next(self.courses))
            if finding.is_observation:
                story.observation(self.now, self.rng.choice(wording.OBSERVATIONS)[1])
            else:
                story.run(self.now)

    def _wind_up(self, pk: int) -> None:
        """Close, review and archive the audit once every finding is settled."""
        audit = Audit.objects.get(pk=pk)
        try:
            if audit.state == AuditState.IN_CLOSURE:
                audit = audit_actions.perform(pk, "close", by=self.fresh(audit.lead_escort))
                audit_actions.perform(
                    pk,
                    "review",
                    by=self.fresh(audit.lead_escort),
                    **wording.REVIEW,
                )
            elif audit.state == AuditState.REVIEWED:
                audit_actions.perform(pk, "archive", by=self.fresh(audit.leader))
        except GateClosed:
            # Some findings are still open; the next attempt on the agenda comes later.
            return
