"""The fictitious group: units, people, sites, roles, customers, the lead-department matrix."""

from datetime import date, time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from audits.models import MatrixRow
from calendars.models import PlantCalendar, Shift, WorkCalendar
from customers.models import AuditKind, Customer
from people.models import Appointment, Deputy, Site, StandingRole, Unit, User

PASSWORD = "demo-2485-demo"
Role = StandingRole.Role
L = User.Level
Kind = Unit.Kind

UNITS: tuple[tuple[str, str, str, str, str], ...] = (
    ("G", "", "group", "远岚精密集团", "Yuanlan Precision Group"),
    ("SYS", "G", "department", "总裁办体系办", "Management-system office"),
    ("QA", "G", "department", "品质部", "Quality department"),
    ("PM", "G", "department", "项目部", "Project department"),
    ("MKT", "G", "department", "市场部", "Market department"),
    ("SVC", "G", "department", "客户服务部", "Customer service"),
    ("IT", "G", "department", "信息部", "IT department"),
    ("BUY", "G", "department", "采购部", "Purchasing"),
    ("E", "G", "branch", "东江公司", "Dongjiang company"),
    ("W", "G", "branch", "西陵公司", "Xiling company"),
    ("F1", "E", "factory", "一厂（注塑）", "Plant 1 (moulding)"),
    ("F2", "E", "factory", "二厂（冲压）", "Plant 2 (stamping)"),
    ("F3", "W", "factory", "三厂（装配）", "Plant 3 (assembly)"),
    ("F4", "W", "factory", "四厂（表面处理）", "Plant 4 (finishing)"),
)
# username, name, English name, title, level, unit, superior, standing roles
PEOPLE: tuple[tuple[str, str, str, str, int, str, str, tuple[str, ...]], ...] = (
    ("vp", "程远山", "Cheng Yuanshan", "体系办副总裁", L.EXECUTIVE, "G", "", (Role.PROCESS_OWNER,)),
    ("gm", "陆景行", "Lu Jingxing", "集团总经理", L.EXECUTIVE, "G", "", (Role.TOP,)),
    ("leader1", "沈知微", "Shen Zhiwei", "体系办客户稽查经理", L.MANAGER, "SYS", "vp", (Role.LEADER,)),
    ("leader2", "顾明川", "Gu Mingchuan", "品质部经理", L.MANAGER, "QA", "vp", (Role.LEADER,)),
    ("leader3", "叶清和", "Ye Qinghe", "项目部经理", L.MANAGER, "PM", "vp", (Role.LEADER,)),
    ("market1", "许安然", "Xu Anran", "业务经理", L.MANAGER, "MKT", "gm", (Role.MARKET,)),
    ("market2", "韩子墨", "Han Zimo", "业务经理", L.MANAGER, "MKT", "gm", (Role.MARKET,)),
    ("market3", "温若溪", "Wen Ruoxi", "业务主任", L.SUPERVISOR, "MKT", "market1", (Role.MARKET,)),
    ("contact1", "罗一帆", "Luo Yifan", "售后工程师", L.ENGINEER, "SVC", "gm", (Role.CONTACT,)),
    ("contact2", "方晓棠", "Fang Xiaotang", "驻厂代表", L.ENGINEER, "SVC", "gm", (Role.CONTACT,)),
    ("escort1", "江予白", "Jiang Yubai", "体系办客户服务工程师", L.ENGINEER, "SYS", "leader1", (Role.ESCORT,)),
    ("escort2", "苏南星", "Su Nanxing", "体系办客户服务工程师", L.ENGINEER, "SYS", "leader1", (Role.ESCORT,)),
    ("escort3", "贺长风", "He Changfeng", "品质QA课长", L.SUPERVISOR, "QA", "leader2", (Role.ESCORT,)),
    ("escort4", "秦书瑶", "Qin Shuyao", "品质QA课长", L.SUPERVISOR, "QA", "leader2", (Role.ESCORT,)),
    ("escort5", "莫云舟", "Mo Yunzhou", "项目部工程师", L.ENGINEER, "PM", "leader3", (Role.ESCORT,)),
    ("closure1", "白若水", "Bai Ruoshui", "体系办稽查员", L.ENGINEER, "SYS", "leader1", (Role.CLOSURE,)),
    ("closure2", "石砚青", "Shi Yanqing", "体系办稽查员", L.ENGINEER, "SYS", "leader1", (Role.CLOSURE,)),
    ("closure3", "谢扶光", "Xie Fuguang", "体系办稽查员", L.ENGINEER, "SYS", "leader1", (Role.CLOSURE,)),
    ("office", "纪文澜", "Ji Wenlan", "体系办主任", L.MANAGER, "SYS", "vp", (Role.SYSTEM_OFFICE,)),
    ("admin", "丁一舟", "Ding Yizhou", "系统管理员", L.ENGINEER, "IT", "gm", (Role.ADMIN,)),
    ("buyer", "范采薇", "Fan Caiwei", "采购工程师", L.ENGINEER, "BUY", "gm", ()),
)
PLANT_NAMES = {
    "F1": ("高岳", "宋临川", "唐初夏", "邓星野", "曹以恒", "冯立夏"),
    "F2": ("袁北辰", "梁思齐", "魏时雨", "蒋牧遥", "潘问渠", "余见山"),
    "F3": ("任海生", "姚听澜", "卢望舒", "钟怀瑾", "崔子衿", "孟秋实"),
    "F4": ("侯建业", "汪若木", "田嘉禾", "贾行简", "夏知秋", "邹明远"),
}
PLANT_POSTS = (
    ("head", "厂长", L.DIRECTOR),
    ("contact", "车间主管", L.SUPERVISOR),
    ("contact", "车间主管", L.SUPERVISOR),
    ("engineer", "制造工程师", L.ENGINEER),
    ("engineer", "工艺工程师", L.ENGINEER),
    ("engineer", "品质工程师", L.ENGINEER),
)
SITES = {
    "F1": (("注塑车间", "Moulding shop"), ("模具房", "Tool room")),
    "F2": (("冲压线", "Stamping line"), ("成品仓库", "Finished-goods store")),
    "F3": (("SMT车间", "SMT shop"), ("总装线", "Final assembly"), ("终检区", "Final inspection")),
    "F4": (("喷涂线", "Coating line"), ("化学品仓", "Chemical store"), ("电镀线", "Plating line")),
}
CUSTOMERS: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    ("XL", "星澜通信", "Xinglan Telecom", {"contain_hours": 12}),
    ("BC", "北辰终端", "Beichen Devices", {}),
    ("HH", "瀚海汽车电子", "Hanhai Automotive", {"close_days": 4}),
    ("QH", "青禾家电", "Qinghe Appliances", {}),
    ("YF", "云帆储能", "Yunfan Storage", {}),
    ("CG", "澄光医疗", "Chengguang Medical", {}),
    ("BR", "铂睿穿戴", "Borui Wearables", {}),
)
KINDS = (
    ("QSA", "体系审核", "System audit", "SYS"),
    ("QPA", "过程审核", "Process audit", "QA"),
    ("PROD", "产品审核", "Product audit", "QA"),
    ("NPI", "新项目导入审核", "New-project audit", "PM"),
    ("CSR", "社会责任审核", "CSR audit", "SYS"),
    ("ENV", "环保审核", "Environmental audit", "SYS"),
    ("ISEC", "信息安全审核", "Information-security audit", "SYS"),
    ("OTHER", "其他专项", "Other special audit", ""),
)


def build(today: date) -> dict[str, Any]:
    """Write the master data. Returns users by username, sites, customers and kinds by code."""
    units = _units()
    users = _people(units)
    sites = _sites(units, users)
    _appoint(users, units, today)
    _calendars(units)
    return {"users": users, "sites": sites, **_customers(units, users, today)}


def _calendars(units: dict[str, Unit]) -> None:
    """Two shifts with breaks, the country's holidays; the audit service counts its working days by it."""
    calendar = WorkCalendar.objects.create(code="CN-2", name="国内两班制", name_en="China, two shifts", country="CN")
    for weekday in range(6):
        Shift.objects.create(calendar=calendar, weekday=weekday, begins=time(8), ends=time(17), breaks="12:00-13:00")
        if weekday < 5:
            Shift.objects.create(
                calendar=calendar, weekday=weekday, begins=time(20), ends=time(5), breaks="00:00-00:30, 03:00-03:15"
            )
    PlantCalendar.objects.create(unit=units["G"], calendar=calendar)


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for code, parent, kind, name, english in UNITS:
        units[code] = Unit.objects.create(code=code, kind=kind, name=name, name_en=english, parent=units.get(parent))
    return units


def _people(units: dict[str, Unit]) -> dict[str, User]:
    password = make_password(PASSWORD)
    users: dict[str, User] = {}

    def add(username: str, name: str, english: str, title: str, level: int, unit: str, superior: str) -> User:
        admin = username == "admin"
        users[username] = User.objects.create(
            username=username,
            name=name,
            name_en=english,
            title=title,
            level=level,
            unit=units[unit],
            superior=users.get(superior),
            email=f"{username}@demo.invalid",
            password=password,
            is_staff=admin,
            is_superuser=admin,
        )
        return users[username]

    for username, name, english, title, level, unit, superior, roles in PEOPLE:
        person = add(username, name, english, title, level, unit, superior)
        StandingRole.objects.bulk_create(StandingRole(user=person, role=role) for role in roles)
    for plant, names in PLANT_NAMES.items():
        for n, (name, (post, title, level)) in enumerate(zip(names, PLANT_POSTS, strict=True)):
            username = f"{plant.lower()}-{post}{n if post != 'head' else ''}"
            add(username, name, "", title, level, plant, "gm" if post == "head" else f"{plant.lower()}-head")
        units[plant].head = users[f"{plant.lower()}-head"]
        units[plant].save()
    return users


def _sites(units: dict[str, Unit], users: dict[str, User]) -> list[Site]:
    sites = []
    for plant, names in SITES.items():
        low = plant.lower()
        for n, (name, english) in enumerate(names):
            sites.append(
                Site.objects.create(
                    code=f"{plant}-{n + 1}",
                    name=f"{units[plant].name[:2]}{name}",
                    name_en=f"{english} ({plant})",
                    unit=units[plant],
                    contact=users[f"{low}-contact{n % 2 + 1}"],
                    owner=users[f"{low}-engineer{n % 3 + 3}"],
                    closure_manager=users[f"closure{int(plant[1]) % 3 + 1}"],
                )
            )
    return sites


def _appoint(users: dict[str, User], units: dict[str, Unit], today: date) -> None:
    start, end = today - timedelta(days=500), today + timedelta(days=400)
    for n, (username, person) in enumerate(sorted(users.items()), 1):
        if "contact" in username[2:] or username.startswith(("escort", "closure", "f")):
            Appointment.objects.create(
                user=person,
                unit=person.unit or units["G"],
                level=(person.unit or units["G"]).kind,
                document_number=f"体系任〔{start.year}〕{n:03d}号",
                valid_from=start,
                valid_to=end,
            )
    Deputy.objects.create(
        principal=users["leader3"],
        deputy=users["leader2"],
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=5),
        reason="出差",
    )


def _customers(units: dict[str, Unit], users: dict[str, User], today: date) -> dict[str, Any]:
    customers = {
        code: Customer.objects.create(code=code, name=name, name_en=english, **profile)
        for code, name, english, profile in CUSTOMERS
    }
    kinds, leaders = {}, {"SYS": "leader1", "QA": "leader2", "PM": "leader3"}
    since = today - timedelta(days=500)
    for code, name, english, unit in KINDS:
        kinds[code] = AuditKind.objects.create(code=code, name=name, name_en=english)
        if unit:
            leader = users[leaders[unit]]
            MatrixRow.objects.create(
                kind=kinds[code],
                lead_unit=units[unit],
                leader=leader,
                leader_post=leader.title,
                valid_from=since,
                deputy=users["leader1"] if unit != "SYS" else users["leader2"],
            )
    MatrixRow.objects.create(
        kind=None,
        lead_unit=units["SYS"],
        leader=users["leader1"],
        leader_post=users["leader1"].title,
        deputy=users["leader2"],
        order=9,
        valid_from=since,
    )
    return {"customers": customers, "kinds": kinds}
