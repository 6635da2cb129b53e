"""Evidence belongs to its action; a repeat names no finding that may not be seen."""

from datetime import datetime
from typing import Any

from findings.models import Finding
from findings.states import Step
from lib import moment
from notices.models import Notice
from notices.text import lines
from tests.times import DAY, HOUR
from tests.world import World, photo


def test_the_number_of_a_hidden_repeat_is_hidden_everywhere(world: World, login: Any, api: Any) -> None:
    audit = world.audit("on_site")
    hidden = world.finding("issued", audit, site=world.sites["X"], owner=world.users["stranger"])
    finding = world.issue(world.draft(audit, repeat_of=hidden))
    assert not Finding.objects.visible_to(world.user("owner")).filter(pk=hidden.pk).exists()
    assert hidden.number not in login("owner").get(finding.get_absolute_url()).content.decode()
    for part in ("", "trail/", "submissions/"):
        assert hidden.number not in str(api("owner").get(f"/api/v1/findings/{finding.number}/{part}").json())
    assert hidden.number in login("leader").get(finding.get_absolute_url()).content.decode()


def test_evidence_is_required_and_belongs_to_its_action(world: World, login: Any, api: Any) -> None:
    finding = world.finding("analysed")
    url = f"/api/v1/findings/{finding.number}/moves/submit_implementation/"
    body = {
        "summary": "已落实",
        "results": [{"action": n, "done_on": str(moment.today())} for n in (1, 2, 3)],
        "read_across": [{"site": "S-B", "applies": False, "note": "工艺不同"}],
    }
    answer = api("owner").post(url, body, format="json")
    assert answer.status_code == 400 and [set(row) for row in answer.json()["results"]] == [{"proof"}] * 3
    sent = {"summary": "已落实", "read_across-0-site": "S-B", "read_across-0-applies": "0"}
    for place in range(3):
        sent |= {f"results-{place}-action": str(place + 1), f"results-{place}-done_on": str(moment.today())}
    page = login("owner").post(f"{finding.get_absolute_url()}moves/submit_implementation/", sent)
    assert page.status_code == 400
    assert {f"results-{n}-proof" for n in range(3)} <= set(page.context["form"].errors)
    assert finding.deadlines.get(step=Step.CLOSE).answered_at is None
    # The owner of an action brings the proof; it answers that clock and counts for the whole.
    done = api("actor").post(
        f"/api/v1/findings/{finding.number}/moves/complete_action/",
        {"action": "1", "done_on": str(moment.today()), "files": photo()},
        format="multipart",
    )
    assert done.status_code == 200, done.json()
    assert (
        api("actor")
        .post(
            f"/api/v1/findings/{finding.number}/moves/complete_action/",
            {"action": "1", "done_on": str(moment.today()), "files": photo()},
            format="multipart",
        )
        .status_code
        == 400
    )
    left = api("owner").post(url, body, format="json").json()
    assert [set(row) for row in left["results"]] == [set(), {"proof"}, {"proof"}]


def test_a_new_owner_of_a_late_finding_is_told_how_late_it_is(world: World, t0: datetime) -> None:
    with moment.travel(t0):
        finding = world.finding("issued")
    with moment.travel(t0 + 30 * HOUR):
        world.do(finding, "reassign", "leader", owner=world.users["actor"], reason="换人")
    notice = Notice.objects.get(kind="finding_reassign", recipient=world.users["actor"])
    assert "2026-03-07" in "\n".join(lines(notice, "zh-hans")) and "逾期" in "\n".join(lines(notice, "zh-hans"))


def test_an_edit_keeps_an_earlier_finding_that_the_editor_cannot_see(world: World, login: Any, api: Any) -> None:
    audit = world.audit("on_site")
    hidden = world.finding("issued", audit, site=world.sites["X"])
    draft = world.draft(audit, repeat_of=hidden)
    Finding.objects.filter(pk=hidden.pk).update(created_at=moment.now() - 800 * DAY)
    answer = api("escort").post(f"/api/v1/findings/{draft.number}/moves/edit/", {"clause": "8.7"}, format="json")
    assert answer.status_code == 200, answer.json()
    fresh = Finding.objects.get(pk=draft.pk)
    assert (fresh.clause, fresh.repeat_of) == ("8.7", hidden)
