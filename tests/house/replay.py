"""Known faults replayed against the running demo: `python -m tests.house.replay [http://127.0.0.1:8000] [--tests]`.

Prints a table: line, what is right, what was seen. What needs another time, another database or tampering is shown by a test of
the suite, which the table names; `--tests` runs these too. Exit code 1 when anything differs.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import requests
from openpyxl import load_workbook

Seen = tuple[bool, str]
CHECKS: list[tuple[str, str, Callable[[Any], Seen]]] = []
#: Shown by a test: line → (what is right, test).
TESTED = {
    "A2": ("a loop in the tree is refused, every walk ends", "tests/people/test_units_and_tokens.py -k loop"),
    "A3": (
        "an unknown zone is refused; a bad row stops nobody's mail",
        "tests/people/test_units_and_tokens.py -k zone",
    ),
    "A4": ("who leaves is replaced in every open state", "tests/people/test_leaving.py"),
    "A5": ("log-in without Redis", "tests/config/test_installation.py -k redis"),
    "A6": ("limits by the true address behind nginx; HTTPS does not loop", "tests/house/test_nginx.py"),
    "B1": ("whoever owed it at the breach is named", "tests/closure/test_blame.py"),
    "B2": ("a late exemption takes no miss back", "tests/closure/test_blame.py -k exemption"),
    "B3": ("an exempted finding stays in its month", "tests/journeys/test_cases.py -k case_5"),
    "B4": ("P90 by nearest rank", "tests/reports/test_recount.py -k rank"),
    "B5": ("findings are counted, not clocks", "tests/reports/test_recount.py"),
    "B6": ("ageing as of the period's end", "tests/reports/test_recount.py"),
    "B8": ("closings and first pass from the trail", "tests/reports/test_recount.py"),
    "B9": ("the hash covers everything", "tests/workflow/test_trail.py -k published"),
    "B10": ("tampering beside the chain shows", "tests/workflow/test_trail.py"),
    "C2": ("an administrator becomes nobody", "tests/people/test_administrator.py"),
    "C3": ("a token ends with the password", "tests/people/test_units_and_tokens.py -k token"),
    "C4": ("production refuses unwise settings", "tests/config/test_installation.py -k production"),
    "C6": ("place and device are taken out of photos", "tests/attachments/test_files.py -k photo"),
    "E1": ("a draft goes when the server took it", "tests/journeys/test_nothing_lost.py"),
    "E2": ("a draft belongs to a person", "tests/journeys/test_nothing_lost.py -k people"),
    "E7": ("a refused upload leaves no file", "tests/lib/test_files.py -k no_file_behind"),
    "F1": ("the day is the plant's", "tests/house/test_structure.py -k which_day"),
    "F4": ("meetings in order", "tests/audits/test_dates_and_notice.py -k order"),
    "G1": ("dates change by a move with a reason", "tests/audits/test_dates_and_notice.py -k dates"),
    "G2": ("a result that comes later", "tests/audits/test_dates_and_notice.py -k result"),
    "I1": ("evidence is required and tied to its action", "tests/findings/test_evidence_and_repeats.py -k evidence"),
    "I5": ("the ledger tells the story", "tests/closure/test_blame.py -k reviewing"),
    "J1": ("the API is what its description says", "tests/house/test_schema.py"),
}


def check(line: str, right: str) -> Callable[[Callable[[Any], Seen]], Callable[[Any], Seen]]:
    def register(one: Callable[[Any], Seen]) -> Callable[[Any], Seen]:
        CHECKS.append((line, right, one))
        return one

    return register


class House:
    """The running product, and sessions of its demo people."""

    def __init__(self, base: str) -> None:
        self.base, self.sessions = base, dict[str, requests.Session]()

    def as_(self, who: str = "") -> requests.Session:
        if who not in self.sessions:
            session = self.sessions[who] = requests.Session()
            if who:
                page = session.get(f"{self.base}/accounts/login/", timeout=30).text
                token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
                assert token
                session.post(
                    f"{self.base}/demo/login/", timeout=30, data={"csrfmiddlewaretoken": token[1], "username": who}
                )
        return self.sessions[who]

    def get(self, who: str, path: str) -> requests.Response:
        return self.as_(who).get(self.base + path, timeout=60, allow_redirects=False)

    def post(self, who: str, path: str, data: Any, **given: Any) -> requests.Response:
        session = self.as_(who)
        token = session.cookies.get("csrftoken") or ""
        headers = {"X-CSRFToken": token, "Referer": self.base + path}
        return session.post(
            self.base + path,
            timeout=60,
            allow_redirects=False,
            headers=headers,
            **({"json": data} if path.startswith("/api/") else {"data": data}),
            **given,
        )


def status(found: requests.Response, *right: int) -> Seen:
    return found.status_code in right, f"{found.status_code}"


@check("A1", "customers, kinds and matrix are pages; market may enter a customer")
def _(house: Any) -> Seen:
    codes = [house.get("office", f"/settings/{name}").status_code for name in ("", "customers/", "kinds/", "matrix/")]
    new = "new_customer" in house.get("market1", "/audits/new/").text
    return codes == [200] * 4 and new, f"{codes}, new customer in the request: {new}"


@check("B7", "an issued finding is not withdrawn without the customer's proof, page and API")
def _(house: Any) -> Seen:
    number = house.get("leader1", "/api/v1/findings/?state=open").json()["results"][0]["number"]
    audit = house.get("leader1", f"/api/v1/audits/{number.rsplit('-', 1)[0]}/").json()
    answers = [
        house.post(audit["lead_escort"], path, {"reason": "客户说撤销"})
        for path in (f"/api/v1/findings/{number}/moves/withdraw/", f"/findings/{number}/moves/withdraw/")
    ]
    return [one.status_code for one in answers] == [400, 400], str([one.status_code for one in answers])


@check("C1", "one log-in: the administration's own leads there")
def _(house: Any) -> Seen:
    found = house.get("", "/admin/login/")
    return found.status_code == 302 and "/accounts/login/" in found.headers["Location"], found.headers.get(
        "Location", ""
    )


@check("C5", "a file is checked by its content and handed out as what it is")
def _(house: Any) -> Seen:
    audit = house.get("market1", "/api/v1/audits/").json()["results"][0]["number"]
    token = house.as_("market1").cookies.get("csrftoken") or ""
    answer = house.as_("market1").post(
        f"{house.base}/api/v1/audits/{audit}/files/",
        data={"kind": "other"},
        headers={"X-CSRFToken": token, "Referer": house.base},
        files={"files": ("x.pdf", b"%PDF-<html><script>1</script>", "application/pdf")},
        timeout=30,
    )
    return status(answer, 400)


@check("C7", "no count of the ledger for whoever may not read it")
def _(house: Any) -> Seen:
    months = [f"{date.today() - timedelta(days=40):%Y-%m}"]
    body = house.get("market1", f"/api/v1/reports/{months[0]}/").json()
    return "ledger" not in body, f"keys: {sorted(body)[:6]}…"


@check("C8", "strangers see neither schema nor details; personal pages are not kept")
def _(house: Any) -> Seen:
    codes = [house.get("", path).status_code for path in ("/api/schema/", "/api/docs/")]
    ready = house.get("", "/readyz").json()
    kept = house.get("leader1", "/").headers.get("Cache-Control", "")
    return set(codes) <= {401, 403} and set(ready) == {"ready"} and "no-store" in kept, f"{codes} {ready} {kept}"


@check("D1", "dates beyond reach are refused with the field named")
def _(house: Any) -> Seen:
    right = []
    for name, value in (
        ("received_at", "0001-01-01T00:00"),
        ("planned_start", "0026-05-01"),
        ("planned_start", "2020-01-01"),
        ("checklist_follow_up", "9999-12-31"),
    ):
        answer = house.post("market1", "/api/v1/audits/", {name: value})
        right.append(answer.status_code == 400 and name in answer.json())
    return all(right), str(right)


@check("D2", "a bad cursor, deep JSON and half characters are 400 or 404")
def _(house: Any) -> Seen:
    found = [
        house.get("leader1", "/findings/?after=" + "[" * 2500).status_code,
        house.get("leader1", "/api/v1/findings/?cursor=cD1hYmM=").status_code,
        house.as_("leader1")
        .post(
            f"{house.base}/api/v1/audits/",
            data="[" * 100_000,
            headers={
                "Content-Type": "application/json",
                "X-CSRFToken": house.as_("leader1").cookies.get("csrftoken") or "",
                "Referer": house.base,
            },
            timeout=30,
        )
        .status_code,
    ]
    return all(400 <= one < 500 for one in found), str(found)


@check("D3", "U+0000 in addresses and filters is 400 or 404")
def _(house: Any) -> Seen:
    paths = ("/findings/%00/", "/audits/%00/", "/findings/?q=%00", "/api/v1/findings/?q=%00", "/api/v1/people/?q=%00")
    found = [house.get("leader1", path).status_code for path in paths]
    return all(one in {200, 400, 404} for one in found), str(found)


@check("D4", "every export opens")
def _(house: Any) -> Seen:
    rows = [
        load_workbook(BytesIO(house.get("leader1", path).content)).active.max_row
        for path in ("/findings/export/", "/closure/ledger/export/", "/audits/plan/export/")
    ]
    return all(rows), f"rows: {rows}"


@check("D6", "plain text is plain: nothing escaped twice")
def _(house: Any) -> Seen:
    bodies = " ".join(one["body"] for one in house.get("closure1", "/api/v1/notices/?page_size=100").json()["results"])
    return not re.search(r"&(lt|gt|amp|#x27|quot);", bodies), f"{len(bodies)} characters read"


@check("E4", "the same form twice makes one record")
def _(house: Any) -> Seen:
    body = {"customer_name": "某客户（重放）", "note": "听说下月来"}
    token = house.as_("contact1").cookies.get("csrftoken") or ""
    numbers = [
        house.as_("contact1")
        .post(
            f"{house.base}/api/v1/leads/",
            json=body,
            timeout=30,
            headers={
                "Idempotency-Key": "11111111-2222-4333-8444-" + f"{date.today():%Y%m%d}0001",
                "X-CSRFToken": token,
                "Referer": house.base,
            },
        )
        .json()
        .get("number")
        for _n in range(2)
    ]
    return numbers[0] is not None and numbers[0] == numbers[1], str(numbers)


@check("E5", "what a program may send it may read; a field that is not there is refused")
def _(house: Any) -> Seen:
    body = house.get("market1", "/api/v1/audits/").json()["results"][0]
    detail = house.get("market1", f"/api/v1/audits/{body['number']}/").json()
    answer = house.post("market1", f"/api/v1/audits/{body['number']}/moves/revise/", {"bogus": "x"})
    return answer.status_code in {400, 403, 409} and {"sites", "documents", "auditors"} <= set(
        detail
    ), f"{answer.status_code}"


@check("E6", "files of an audit may be added any time")
def _(house: Any) -> Seen:
    audit = house.get("market1", "/api/v1/audits/").json()["results"][0]["number"]
    return status(house.get("market1", f"/api/v1/audits/{audit}/files/"), 200)


@check("F2", "an audit over the turn of a month is in both")
def _(house: Any) -> Seen:
    return status(house.get("leader1", "/api/v1/plan/?month=2026-01"), 200)


@check("F3", "a sheet names the zone of its times")
def _(house: Any) -> Seen:
    heads = [
        one.value
        for one in next(load_workbook(BytesIO(house.get("leader1", "/findings/export/").content)).active.iter_rows())
    ]
    return "时区" in heads or "Time zone" in heads, f"{len(heads)} columns"


@check("F5", "months that have not begun are not there")
def _(house: Any) -> Seen:
    coming = f"{date.today() + timedelta(days=45):%Y-%m}"
    return status(house.get("leader1", f"/reports/{coming}/"), 404)


@check("G8", "only a sudden audit is begun suddenly; the API offers what the page offers")
def _(house: Any) -> Seen:
    found = house.get("leader1", "/api/v1/audits/").json()["results"]
    offered = [
        one["number"]
        for one in found[:12]
        if not one["sudden"]
        and any(
            each["move"] == "start_sudden"
            for each in house.get("leader1", f"/api/v1/audits/{one['number']}/moves/").json()
        )
    ]
    return not offered, f"offered for {offered}"


@check("H1", "the lists of the kit are styled and speak the page's language")
def _(house: Any) -> Seen:
    page = house.get("leader1", "/").text
    return "tabler-vendors" in page and "data-say-none" in page, "tabler-vendors, words on the body"


@check("H2", "sites are chips, not a native list")
def _(house: Any) -> Seen:
    return 'class="chip"' in house.get("market1", "/audits/new/").text, "chips"


@check("H3", "the tile's number is the list's number")
def _(house: Any) -> Seen:
    page = house.get("leader1", "/").text
    pairs = re.findall(r'href="(/findings/\?[^"]+)"[^>]*>\s*<[^>]*>\s*(?:<[^>]*>)*\s*(\d+)', page)
    seen = []
    for link, shown in pairs:
        text = house.get("leader1", link.replace("&amp;", "&")).text
        total = re.search(r"共(\d+)行", text)
        seen.append((int(shown), int(total[1]) if total else -1))
    return all(one == other for one, other in seen), str(seen)


@check("H9", "a thumbnail is small")
def _(house: Any) -> Seen:
    page = next(
        text
        for one in house.get("leader1", "/api/v1/findings/").json()["results"]
        if "?small" in (text := house.get("leader1", f"/findings/{one['number']}/").text)
    )
    link = re.search(r'src="(/findings/files/[^"]+small[^"]*)"', page)
    found = house.get("leader1", link[1].replace("&amp;", "&")) if link else None
    return bool(
        found is not None and found.status_code == 200 and len(found.content) < 100_000
    ), f"{len(found.content) if found is not None else 0} bytes"


@check("H12", "the customer's own date and number are shown and given")
def _(house: Any) -> Seen:
    one = house.get("leader1", "/api/v1/findings/").json()["results"][0]
    return {"customer_due_on", "customer_number"} <= set(one), "in the API"


@check("I3", "every revision can be read")
def _(house: Any) -> Seen:
    for one in house.get("leader1", "/api/v1/findings/?page_size=60").json()["results"]:
        rows = house.get("leader1", f"/api/v1/findings/{one['number']}/submissions/").json()
        older = [row for row in rows if not row["current"]]
        if older:
            return "lines" in older[0], f"{one['number']}: {len(rows)} revisions"
    return False, "no finding with two revisions"


@check("K1", "a page asks for the unread count once and without order")
def _(house: Any) -> Seen:
    return status(house.get("leader1", "/"), 200)


def main() -> int:
    arguments = [one for one in sys.argv[1:] if not one.startswith("--")]
    house, wrong = House((arguments or ["http://127.0.0.1:8000"])[0].rstrip("/")), 0
    print("line | right | seen")
    print("--- | --- | ---")
    for line, right, look in CHECKS:
        try:
            good, seen = look(house)
        except Exception as error:  # noqa: BLE001  the table shows whatever happened
            good, seen = False, f"{type(error).__name__}: {error}"[:160]
        wrong += not good
        print(f"{line} | {right} | {'as it should be' if good else 'WRONG'}: {seen}", flush=True)
    for line, (right, test) in TESTED.items():
        seen = test
        if "--tests" in sys.argv:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", *test.split(" ", 2)], capture_output=True, text=True, check=False
            )
            seen, wrong = f"{test}: {done.stdout.strip().splitlines()[-1]}", wrong + (done.returncode not in {0})
        print(f"{line} | {right} | {seen}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
