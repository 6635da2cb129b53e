"""A small group with one person for every role, and the way of an audit and a finding to any state, through the doors."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from auditlog.context import disable_auditlog
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from audits import actions as audit_actions
from audits.models import Audit, MatrixRow
from clocks.subjects import SUBJECTS
from customers.models import AuditKind, Customer
from findings import actions
from findings.answers import Countermeasure
from findings.gates import read_across_sites
from findings.models import Finding
from findings.states import Leg, Step
from lib import moment
from lib.storage import store
from people.models import Appointment, Deputy, Site, StandingRole, Unit, User
from workflow import door
from workflow.errors import StaleState
from workflow.moves import by_name
from workflow.trail import about

Role = StandingRole.Role
PEOPLE: dict[str, tuple[str, int, str, tuple[str, ...]]] = {
    # username: unit, level, superior, standing roles
    "top": ("G", 7, "", (Role.TOP,)),
    "process_owner": ("G", 7, "", (Role.PROCESS_OWNER,)),
    "market": ("MKT", 5, "top", (Role.MARKET,)),
    "contact": ("SVC", 3, "top", (Role.CONTACT,)),
    "leader": ("SYS", 5, "top", (Role.LEADER,)),
    "leader2": ("SYS", 5, "top", (Role.LEADER,)),
    "escort": ("SYS", 3, "leader", (Role.ESCORT,)),
    "teamer": ("SVC", 3, "leader", ()),
    "closure": ("SYS", 3, "leader", (Role.CLOSURE,)),
    "office": ("SYS", 5, "top", (Role.SYSTEM_OFFICE,)),
    "admin": ("IT", 3, "top", (Role.ADMIN,)),
    "superior": ("F1D", 6, "top", ()),
    "site_contact": ("F1D", 4, "superior", ()),
    "owner": ("F1D", 3, "superior", ()),
    "actor": ("BUY", 3, "top", ()),
    "operator": ("F1D", 1, "superior", ()),
    "stranger": ("F2", 3, "top", ()),
}
ROLES = tuple(PEOPLE)


def photo(name: str = "photo.png", colour: str = "teal") -> SimpleUploadedFile:
    buffer = BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


@dataclass
class World:
    users: dict[str, User] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    customer: Any = None
    kind: Any = None

    def user(self, name: str) -> User:
        """Fresh from the database: nothing remembered."""
        return User.objects.get(pk=self.users[name].pk)

    # Audits

    def request_fields(self, **changes: Any) -> dict[str, Any]:
        today = moment.today()
        fields = {
            "customer": self.customer,
            "kind": self.kind,
            "mode": "on_site",
            "regular": True,
            "planned_start": today + timedelta(days=10),
            "planned_end": today + timedelta(days=11),
            "scope": "全部装配过程",
            "agenda": "第一天现场",
            "departments": "制造部",
            "headcount": 2,
            "checklist": "given",
            "checklist_follow_up": None,
            "division": "",
            "product": "",
            "customer_contact": "",
            "criteria": "",
            "special_demands": "",
            "logistics": "",
        }
        return fields | changes

    def request(self, *, sudden: bool = False, **changes: Any) -> Audit:
        return audit_actions.log_request(
            by=self.user("market"),
            fields=self.request_fields(**changes),
            sudden=sudden,
            sites=[self.sites["A"], self.sites["B"]],
            auditors=[{"name": "审核员甲", "position": "SQE", "speciality": "", "language": ""}],
            documents=["质量手册"],
        )

    AUDIT_WAY = (
        ("drafted", "", "", {}),
        ("leader_appointed", "appoint_leader", "market", {"reason": "按一览表"}),
        ("team_named", "name_team", "leader", {}),
        ("confirmed", "confirm", "leader", {}),
        ("notified", "send_notice", "escort", {"message": "请准备"}),
        ("on_site", "start", "escort", {"minutes": "首次会议"}),
        ("closing_held", "hold_closing", "escort", {"result": "passed", "minutes": "末次会议"}),
        ("in_closure", "begin_closure", "escort", {}),
        ("closed", "close", "escort", {}),
        ("reviewed", "review", "escort", {"plan_actual": "一致", "lessons": "无"}),
        ("archived", "archive", "leader", {}),
    )

    def audit(self, state: str = "on_site", **changes: Any) -> Audit:
        if state == "lead":
            return audit_actions.pass_on_lead(by=self.user("contact"), customer_name="某客户", note="听说下月来")
        audit = self.request(**changes)
        return self.walk(audit, state)

    def walk(self, audit: Audit, state: str) -> Audit:
        """The audit, led through its moves up to the state."""
        if state in {"postponed", "cancelled"}:
            move = {"postponed": "postpone", "cancelled": "cancel"}[state]
            facts = {"reason": "客户改期"} | ({"deviation": "customer"} if state == "postponed" else {})
            return audit_actions.perform(audit.pk, move, by=self.user("market"), **facts)
        for reached, move, who, facts in self.AUDIT_WAY:
            if move:
                extra: dict[str, Any] = {}
                if move == "appoint_leader":
                    extra = {"leader": self.users["leader"]}
                if move == "name_team":
                    member = {"user": self.users["teamer"], "duty": "scribe", "reason": ""}
                    extra = {"lead_escort": self.users["escort"], "team": [member]}
                audit = audit_actions.perform(audit.pk, move, by=self.user(who), **facts, **extra)
            if reached == state:
                return audit
        raise AssertionError(state)

    # Findings

    def problem(self, **changes: Any) -> dict[str, Any]:
        fields = {
            "site": self.sites["A"],
            "what": "扭力点检记录缺失",
            "when": "今日",
            "where": "3号线",
            "found_by": "审核员甲",
            "why": "协议4.3",
            "how": "抽查",
            "how_much": "2把",
            "grade": "minor",
            "customer_words": "record missing",
        }
        return fields | changes

    def draft(self, audit: Audit | None = None, **changes: Any) -> Finding:
        return actions.create(audit or self.audit(), by=self.user("escort"), fields=self.problem(**changes))

    def do(self, finding: Finding, move: str, who: str, **facts: Any) -> Finding:
        if move not in actions.MACHINE.moves:
            return self._do_beside(finding, move, who, **facts)
        return actions.perform(finding.pk, move, by=self.user(who), **facts)

    def _do_beside(self, finding: Finding, move: str, who: str, **facts: Any) -> Finding:
        """A move of the newest record beside the finding that has it; the finding, read anew."""
        machine = next(one for one in door.children(finding) if move in one.moves)
        record = machine.model._default_manager.filter(finding=finding).order_by("-pk").first()
        if record is None:
            raise StaleState
        self.beside(record, move, who, **facts)
        return Finding.objects.get(pk=finding.pk)

    def beside(self, record: Any, move: str, who: str, **facts: Any) -> Any:
        """A move of a small record beside a finding, as `who`."""
        machine = door.MACHINES[type(record)]
        return by_name(machine)(record.pk, move, by=self.user(who), seen=None, event_at=None, **facts)

    def issue(self, finding: Finding) -> Finding:
        """Issued, and looked at by the Leader at once, so that the Leader's clock is quiet."""
        issued = self.do(finding, "issue", "escort")
        return issued if issued.is_observation else self.do(issued, "leader_review", "leader", note="等级无误")

    def contain(self, finding: Finding, who: str = "owner") -> Finding:
        return self.do(
            finding,
            "submit_containment",
            who,
            action="停用并复测",
            done_by="班长",
            done_at="当班",
            effect="全部合格",
            prelim_cause="",
            removal="",
            scope=[],
            files=[],
        )

    def analyse(
        self, finding: Finding, who: str = "owner", actor: str = "actor", root: str = "换线清单缺项"
    ) -> Finding:
        legs = [
            {
                "leg": leg.value,
                "root": root,
                "category": "method",
                "verified_by": "",
                "whys": [{"question": f"为什么{n}", "because": f"因为{n}", "proof": ""} for n in (1, 2, 3)],
            }
            for leg in Leg
        ]
        measures = [
            {
                "leg": leg.value,
                "text": "增加互锁",
                "strength": "error_proofing",
                "owner": self.users[actor],
                "due_on": moment.today(),
                "documents": "",
            }
            for leg in Leg
        ]
        return self.do(
            finding,
            "submit_analysis",
            who,
            place="现场",
            thing="样品",
            facts_seen="事实",
            legs=legs,
            actions=measures,
            category="method",
        )

    def implement(self, finding: Finding, who: str = "owner", **changes: Any) -> Finding:
        measures = list(Countermeasure.objects.filter(submission=finding.current(Step.ANALYSE)))
        facts = {
            "summary": "已落实",
            "files": [store(photo(), about=about(one)) for one in measures],
            "results": [{"action": one, "done_on": moment.today(), "remark": ""} for one in measures],
            "documents": [],
            "read_across": [
                {"site": site, "applies": False, "note": "工艺不同"} for site in read_across_sites(finding)
            ],
        }
        return self.do(finding, "submit_implementation", who, **(facts | changes))

    def finding(self, state: str = "issued", audit: Audit | None = None, **changes: Any) -> Finding:
        finding = self.draft(audit, **changes)
        steps: list[tuple[str, Any]] = [
            ("draft", lambda f: f),
            ("issued", self.issue),
            ("contained", self.contain),
            ("analysed", self.analyse),
            ("implemented", self.implement),
            ("closed", lambda f: self.do(f, "close", "closure", verified_how="on_site", conclusion="看到了")),
            (
                "customer_closed",
                lambda f: self.do(
                    f, "close_for_customer", "escort", silence=False, statement="客户邮件确认", files=[store(photo())]
                ),
            ),
            ("effective", lambda f: self.do(f, "confirm_effective", "closure", window="lots", evidence="无再发")),
        ]
        if state == "withdrawn":
            finding = self.do(finding, "issue", "escort")
            return self.do(finding, "withdraw", "escort", reason="客户撤销", files=[store(photo())])
        for reached, step in steps:
            if finding.is_observation and reached in {"contained", "analysed"}:
                continue
            if finding.is_observation and reached == "implemented":
                finding = self.do(finding, "answer_observation", "owner", adopt=True, answer="采纳", files=[])
            else:
                finding = Finding.objects.get(pk=step(finding).pk)
            if reached == state:
                return finding
        raise AssertionError(state)


def build() -> World:
    """The world; what was entered into it is no history anybody looks at."""
    with disable_auditlog():
        return _build()


def _build() -> World:
    for subject in SUBJECTS.values():
        subject.type()  # read once a process: it would count as a statement of whatever asks first
    world = World()
    for code, parent, kind in (
        ("G", "", "group"),
        ("SYS", "G", "department"),
        ("MKT", "G", "department"),
        ("SVC", "G", "department"),
        ("IT", "G", "department"),
        ("BUY", "G", "department"),
        ("C1", "G", "branch"),
        ("F1", "C1", "factory"),
        ("F1D", "F1", "department"),
        ("F2", "C1", "factory"),
    ):
        world.units[code] = Unit.objects.create(
            code=code, kind=kind, name=f"单位{code}", name_en=f"Unit {code}", parent=world.units.get(parent)
        )
    for username, (unit, level, superior, roles) in PEOPLE.items():
        world.users[username] = User.objects.create(
            username=username,
            name=f"某{username}",
            level=level,
            unit=world.units[unit],
            superior=world.users.get(superior),
            email=f"{username}@example.invalid",
        )
        StandingRole.objects.bulk_create(StandingRole(user=world.users[username], role=role) for role in roles)
    people = world.users
    for code, unit in (("A", "F1D"), ("B", "F1D"), ("X", "F2")):
        world.sites[code] = Site.objects.create(
            code=f"S-{code}",
            name=f"场所{code}",
            unit=world.units[unit],
            contact=people["site_contact"],
            owner=people["owner"],
            closure_manager=people["closure"],
        )
    today = date.today()
    for name in ("teamer", "escort"):
        Appointment.objects.create(
            user=people[name],
            unit=people[name].unit,
            level="department",
            document_number=f"任-{name}",
            valid_from=today - timedelta(days=900),
            valid_to=today + timedelta(days=900),
        )
    world.customer = Customer.objects.create(code="CU", name="客户甲", name_en="Customer A")
    world.kind = AuditKind.objects.create(code="QSA", name="体系审核", name_en="System audit")
    for kind in (world.kind, None):
        MatrixRow.objects.create(
            kind=kind,
            lead_unit=world.units["SYS"],
            leader=people["leader"],
            leader_post="经理",
            deputy=people["leader2"],
            valid_from=today - timedelta(days=900),
            order=1 if kind else 9,
        )
    return world


def deputise(world: World, principal: str, deputy: str) -> None:
    today = moment.today()
    Deputy.objects.create(
        principal=world.users[principal],
        deputy=world.users[deputy],
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=2),
    )
