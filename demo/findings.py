"""How the findings of the demo go: answers on time, late, weak, sent back, exempted, reopened, withdrawn, left alone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from clocks.deadlines import Deadline
from demo import disputes, exemptions, read_across, texts, wording
from demo.pictures import photo
from findings import actions
from findings.gates import read_across_sites
from findings.models import Countermeasure, Finding
from findings.states import FindingState as S, Step
from lib.storage import Stored, store
from workflow.trail import about

if TYPE_CHECKING:
    from demo.play import Play

HOUR = timedelta(hours=1)


class Story:
    """One finding's life on the play's agenda."""

    def __init__(self, play: "Play", finding: Finding, case: texts.Case, course: str) -> None:
        self.play, self.case, self.course, self.pk = play, case, course, finding.pk
        self.rng, self.number, self.n = play.rng, finding.number, play.rng.randrange(1, 9)
        self.quantity = play.rng.randrange(40, 900)

    # Doing ----------------------------------------------------------------------------------------------------------

    def row(self) -> Finding:
        return Finding.objects.select_related("audit", "site__unit").get(pk=self.pk)

    def do(self, move: str, who: str, *states: str, **facts: Any) -> bool:
        """Make a move as the person of a role, when the finding stands where the move fits."""
        finding = self.row()
        if finding.state not in states:
            return False
        by = {
            "owner": finding.owner,
            "manager": finding.closure_manager,
            "escort": finding.audit.lead_escort,
            "leader": finding.audit.leader,
        }[who]
        actions.perform(self.pk, move, by=self.play.fresh(by), **facts)
        return True

    def at(self, moment: datetime, act: Callable[[], Any]) -> None:
        self.play.at(moment, act)

    def say(self, text: str) -> str:
        return text.format(n=self.n, q=self.quantity, where=self.case.where.format(n=self.n))

    def files(self, text: str, action: Countermeasure | None = None) -> list[Stored]:
        return [store(photo(self.rng, f"{self.number} {text}"), about=about(action) if action else "")]

    # Answers --------------------------------------------------------------------------------------------------------

    def contain(self) -> None:
        rng, areas = self.rng, ("line", "wip", "stock", "transit", "customer", "similar")
        scope = []
        for n, area in enumerate(areas):
            applies = n < 3 or rng.random() < 0.4
            scope.append(
                {
                    "area": area,
                    "applies": applies,
                    "checked": rng.randrange(20, 400) if applies else None,
                    "bad": rng.choice([0, 0, 0, 1, 2]) if applies else None,
                    "note": "已排查并标识" if applies else "该批次未流出，不涉及",
                }
            )
        self.do(
            "submit_containment",
            "owner",
            S.ISSUED,
            action=self.say(self.case.contain),
            done_by="责任单位当班主管",
            done_at="当班",
            effect=self.say(self.case.effect),
            prelim_cause=self.case.prelim,
            removal="长期对策验证有效后解除",
            scope=scope,
            files=self.files("contain") if rng.random() < 0.5 else [],
        )

    def analyse(self, *, weak: bool = False) -> None:
        case, today = self.case, timezone.localdate(self.play.now)
        roots = {"making": case.making_root, "inspection": case.inspection_root, "system": case.system_root}
        whys = {"making": case.making, "inspection": case.inspection, "system": case.system}
        legs = [
            {
                "leg": leg,
                "root": wording.WEAK_ROOT if weak else roots[leg][0],
                "category": "man" if weak else roots[leg][1],
                "verified_by": "" if weak else "再现试验：恢复原条件可复现",
                "whys": [{"question": q, "because": a, "proof": "现场确认"} for q, a in whys[leg]],
            }
            for leg in roots
        ]
        finding = self.row()
        owners = self.play.colleagues(finding)
        measures = [
            {
                "leg": leg,
                "text": wording.WEAK_ACTION if weak else text,
                "strength": "training" if weak else strength,
                "owner": self.rng.choice(owners),
                "due_on": today + timedelta(days=3),
                "documents": case.document,
            }
            for leg, text, strength in case.actions
        ]
        self.do(
            "submit_analysis",
            "owner",
            S.CONTAINED,
            place="责任人与品质工程师到现场确认",
            thing=self.say("{q}件样品与点检记录"),
            facts_seen=self.say(case.how_much),
            legs=legs,
            actions=measures,
            category=legs[0]["category"],
        )

    def implement(self) -> None:
        finding = self.row()
        if finding.state != S.ANALYSED:
            return
        rng, today = self.rng, timezone.localdate(self.play.now)
        measures = list(Countermeasure.objects.filter(submission=finding.current(Step.ANALYSE)))
        files = [file for one in measures for file in self.files(f"action{one.position}", one)]
        self.do(
            "submit_implementation",
            "owner",
            S.ANALYSED,
            summary=self.say("措施已全部落实，连续3天跟踪{q}件无再发"),
            files=files,
            results=[{"action": one, "done_on": today, "remark": "已完成"} for one in measures],
            documents=[{"name": self.case.document, "old_version": "A1", "new_version": "A2", "released_on": today}],
            read_across=[
                {"site": site, "applies": rng.random() < 0.5, "note": "已按同样清单排查，见展开表"}
                for site in read_across_sites(finding)
            ],
        )

    def accept(self, step: str) -> None:
        finding = self.row()
        current = finding.current(step)
        if current is not None and current.pending:
            self.do("accept_step", "manager", S.CONTAINED, S.ANALYSED, S.IMPLEMENTED, step=step, reason="")

    def send_back(self, step: str, *states: str) -> None:
        self.do("send_back", "manager", *states, step=step, reason=self.rng.choice(wording.RETURN_REASONS))

    def close(self) -> None:
        self.do("close", "manager", S.IMPLEMENTED, verified_how="on_site", conclusion="现场核对措施已落实，证据齐全")

    def customer(self) -> None:
        closed_at = self.row().closed_at
        silent = self.rng.random() < 0.25 and closed_at is not None and self.play.now - closed_at > timedelta(days=8)
        self.do(
            "close_for_customer",
            "escort",
            S.CLOSED,
            silence=silent,
            statement="客户三次催询未复，按约定视为接受" if silent else "客户SQE邮件确认关闭",
            accepted_on=None,
            files=[] if silent else self.files("customer"),
        )

    def effective(self, days: int = 30) -> None:
        self.do(
            "confirm_effective",
            "manager",
            S.CUSTOMER_CLOSED,
            window=str(days),
            evidence=f"{days}天内无再发，分层审核结果合格",
        )

    def check(self, days: int) -> None:
        self.do("check_effect", "manager", S.CUSTOMER_CLOSED, window=str(days), evidence=f"{days}天抽查合格，继续观察")

    # Courses --------------------------------------------------------------------------------------------------------

    def run(self, t0: datetime) -> None:
        if self.rng.random() < 0.94:
            self.at(
                t0 + self._between(2, 20),
                lambda: self.do(
                    "leader_review", "leader", S.ISSUED, S.CONTAINED, S.ANALYSED, S.IMPLEMENTED, note="等级与责任人无误"
                ),
            )
        getattr(self, f"_{self.course}")(t0)

    def _between(self, low: float, high: float) -> timedelta:
        return HOUR * self.rng.uniform(low, high)

    def _tight(self) -> bool:
        customer = self.row().audit.customer
        return customer is not None and bool(customer.contain_hours)

    def _usual(
        self,
        t0: datetime,
        *,
        contain: tuple[float, float] = (3, 22),
        analyse: tuple[float, float] = (28, 46),
        implement: tuple[float, float] = (62, 88),
    ) -> datetime:
        """Containment, analysis, implementation with their reviews. Returns when it is submitted."""
        high = min(contain[1], 11) if self._tight() and contain[1] < 24 else contain[1]
        first = t0 + self._between(min(contain[0], high - 1), high)
        second = t0 + self._between(*analyse)
        third = t0 + self._between(*implement)
        self.at(first, self.contain)
        self.at(first + self._between(1, 5), lambda: self.accept(Step.CONTAIN))
        self.at(second, self.analyse)
        self.at(second + self._between(2, 10), lambda: self.accept(Step.ANALYSE))
        self.at(third, self.implement)
        return third

    def _finish(self, submitted: datetime) -> None:
        closed = submitted + self._between(3, 22)
        customer = closed + self._between(5 * 24, 22 * 24)
        self.at(closed, self.close)
        self.at(customer, self.customer)
        self.at(submitted + self._between(6 * 24, 24 * 24), lambda: read_across.carry_over(self))
        self.at(submitted + self._between(25 * 24, 29 * 24), lambda: read_across.verify(self))
        chance, day, soon = self.rng.random(), timedelta(days=1), self._between(0.1, 3)
        if chance < 0.6:
            self.at(customer + 30 * day + soon, self.effective)
        elif chance < 0.92:
            self.at(customer + 30 * day + soon, lambda: self.check(30))
            self.at(customer + 60 * day + soon, lambda: self.check(60))
            self.at(customer + 90 * day + soon, lambda: self.effective(90))

    def _smooth(self, t0: datetime) -> None:
        self._finish(self._usual(t0))

    def _returned(self, t0: datetime) -> None:
        submitted = self._usual(t0)
        self.at(submitted + 4 * HOUR, lambda: self.send_back(Step.CLOSE, S.IMPLEMENTED))
        again = submitted + self._between(8, 20)
        self.at(again, self.implement)
        self._finish(again)

    def _returned_twice(self, t0: datetime) -> None:
        self.at(t0 + self._between(5, 10), self.contain)
        self.at(t0 + 30 * HOUR, lambda: self.analyse(weak=True))
        self.at(t0 + 34 * HOUR, lambda: self.send_back(Step.ANALYSE, S.ANALYSED))
        self.at(t0 + 42 * HOUR, lambda: self.analyse(weak=True))
        self.at(t0 + 46 * HOUR, lambda: self.send_back(Step.ANALYSE, S.ANALYSED))
        self.at(t0 + 60 * HOUR, self.analyse)
        submitted = t0 + self._between(90, 112)
        self.at(submitted, self.implement)
        self._finish(submitted)

    def _late_contain(self, t0: datetime) -> None:
        self._finish(self._usual(t0, contain=(25.5, 40), analyse=(42, 47)))

    def _late_analyse(self, t0: datetime) -> None:
        self._finish(self._usual(t0, analyse=(50, 80), implement=(96, 112)))

    def _late_close(self, t0: datetime) -> None:
        self._finish(self._usual(t0, implement=(160, 320)))

    def _exempted(self, t0: datetime) -> None:
        self.at(t0 + self._between(5, 10), self.contain)
        self.at(t0 + self._between(30, 44), self.analyse)
        kind = self.rng.choice(["building", "investment"])
        promised = timezone.localdate(t0) + timedelta(days=60)
        self.at(
            t0 + 60 * HOUR,
            lambda: self.do(
                "apply_exemption",
                "owner",
                S.ANALYSED,
                reason=kind,
                explanation="需改造除湿系统并重新装修隔断，五天内无法完成",
                interim_control="备用除湿机加每小时人工确认，超限停线",
                milestones="第15天方案评审\n第40天施工完成\n第55天验证",
                new_date=promised,
                files=self._consent(),
            ),
        )
        self.at(
            t0 + 70 * HOUR,
            lambda: exemptions.decide(self, "leader", reason="临时控制有效，同意"),
        )
        if kind == "investment":
            self.at(t0 + 80 * HOUR, lambda: exemptions.decide(self, "vp", reason="同意投资预算"))
        self.at(t0 + timedelta(days=28), lambda: exemptions.review(self))
        done = t0 + self._between(45 * 24, 58 * 24)
        self.at(done, self.implement)
        self._finish(done)

    def _consent(self) -> list[Stored]:
        """A customer who asked for a date of its own agrees to the later one in writing."""
        asked = (
            Deadline.objects.of(Finding)
            .filter(subject_id=self.pk, step=Step.CLOSE, customer_due_at__isnull=False)
            .exists()
        )
        return self.files("consent") if asked else []

    def _reopened(self, t0: datetime) -> None:
        submitted = self._usual(t0)
        closed = submitted + 10 * HOUR
        refused = closed + self._between(6 * 24, 12 * 24)
        self.at(closed, self.close)
        self.at(
            refused,
            lambda: self.do(
                "reopen",
                "escort",
                S.CLOSED,
                cause="customer",
                back_to=S.ANALYSED,
                reason=self.rng.choice(wording.REOPEN_REASONS),
            ),
        )
        again = refused + self._between(40, 90)
        self.at(again, self.implement)
        self._finish(again)

    def _withdrawn(self, t0: datetime) -> None:
        self.at(t0 + self._between(3, 12), self.contain)
        self.at(
            t0 + self._between(26, 40),
            lambda: self.do(
                "withdraw",
                "escort",
                *(S.ISSUED, S.CONTAINED),
                reason="客户复核后确认为误判，书面撤销",
                files=self.files("withdraw"),
            ),
        )

    def _contested(self, t0: datetime) -> None:
        """The Leader has still to decide."""
        self.at(t0 + self._between(0.5, 2), lambda: disputes.dispute(self, "not_ours"))
        self._finish(self._usual(t0, contain=(20, 23)))

    def _disputed(self, t0: datetime) -> None:
        """The owner does not agree, the Leader does; the clocks ran on."""
        self.at(t0 + self._between(0.5, 2), lambda: disputes.dispute(self, "facts"))
        self.at(t0 + self._between(4, 20), lambda: disputes.decide(self, "reject"))
        self._finish(self._usual(t0, contain=(20, 23)))

    def _passed_on(self, t0: datetime) -> None:
        """It belongs to somebody else, who gets the whole time."""
        decided = t0 + self._between(4, 9)
        self.at(t0 + self._between(0.5, 2), lambda: disputes.dispute(self, "not_ours"))
        self.at(decided, lambda: disputes.decide(self, "reassign"))
        self._finish(self._usual(decided))

    def _forgotten(self, t0: datetime) -> None:
        """Nobody answers for days: the ladder climbs to the top before something happens."""
        late = t0 + self._between(9 * 24, 18 * 24)
        self.at(late, self.contain)
        self.at(late + 20 * HOUR, self.analyse)
        submitted = late + 60 * HOUR
        self.at(submitted, self.implement)
        self._finish(submitted)

    def observation(self, t0: datetime, answer: str) -> None:
        at = t0 + self._between(20, 100)
        self.at(
            at,
            lambda: self.do(
                "answer_observation",
                "owner",
                S.ISSUED,
                adopt=True,
                answer=answer,
                done_by_date=timezone.localdate(self.play.now) + timedelta(days=20),
                files=[],
            ),
        )
        self._finish(at)
