"""Helpers of the browser tests: opening pages, checking each for accessibility, filling the long forms."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"


def log_in(page: Any, live_server: Any, user: Any, language: str = "zh-hans") -> None:
    """Give the browser the person's session, as the log-in would."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                "url": live_server.url,
            },
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url},
        ]
    )


def faults(page: Any) -> list[str]:
    """Serious and critical findings of axe-core on the page as it stands. Scripted past the page's own policy."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text(), "silent": True})
    answer = session.send(
        "Runtime.evaluate",
        {
            "expression": "axe.run(document, {resultTypes: ['violations']}).then(r => JSON.stringify(r.violations"
            ".filter(v => ['serious', 'critical'].includes(v.impact))"
            ".map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '))))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    return [str(one) for one in json.loads(answer["result"]["value"])]


def open_page(page: Any, live_server: Any, path: str) -> None:
    """Go there, and demand a page without any of the problems below."""
    assert problems(page, live_server, path) == []


def problems(page: Any, live_server: Any, path: str) -> list[str]:
    """Go there; name what axe finds, what the console says, sideways scrolling, and any answer but 200."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    response = page.goto(live_server.url + path)
    found = [] if response.status == 200 else [f"status {response.status}"]
    found += faults(page) + said
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        found.append(f"{width} px wide")
    return [f"{path}: {one}" for one in found]


def fill_analysis(page: Any, owner: str) -> None:
    for place, leg in enumerate(("making", "inspection", "system")):
        for n in (1, 2, 3):
            # Five rungs are offered in each leg.
            page.fill(f"[name=whys-{place * 5 + n - 1}-question]", f"为什么{n}")
            page.fill(f"[name=whys-{place * 5 + n - 1}-because]", f"因为{n}")
        page.fill(f"[name=roots-{place}-statement]", f"{leg}的根因：换线清单缺项")
        page.select_option(f"[name=roots-{place}-category]", "method")
        page.select_option(f"[name=actions-{place}-leg]", leg)
        page.fill(f"[name=actions-{place}-text]", f"对策{place + 1}：增加互锁")
        page.select_option(f"[name=actions-{place}-strength]", "error_proofing")
        choose(page, f"actions-{place}-owner", owner)
        page.fill(f"[name=actions-{place}-due_on]", "2026-12-31")
    for name in ("place", "thing", "facts_seen"):
        page.fill(f"[name={name}]", "到现场看过")


def choose(page: Any, name: str, label: str) -> None:
    """Choose in a select, whether or not the script has dressed it up."""
    page.eval_on_selector(
        f"select[name={name}]",
        "(select, label) => { const one = [...select.options].find(o => o.text.includes(label));"
        " if (select.tomselect) select.tomselect.setValue(one.value); else select.value = one.value; }",
        label,
    )
