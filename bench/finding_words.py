"""Words for the findings of the bench, so that a search has something to tell apart: a few common, most of them rare."""

from django.db import connection

from findings.models import Finding
from search.grams import grams
from search.models import Entry

THINGS = ("螺丝刀", "扭力扳手", "温湿度记录仪", "防泄漏托盘", "静电手环", "卡尺", "模具", "喷枪", "锡膏", "回流焊炉")
FAULTS = ("点检记录缺失", "超过校准有效期", "实测低于下限", "无标签", "漏油", "流挂", "气孔", "未按周期更换")
PLACES = ("总装一线", "SMT车间", "涂装车间", "洁净室", "终检区")
#: What is typed, from common to rare.
SEARCHES = ("流挂", "涂装车间 流挂", "卡尺 无标签", "静电手环 SMT", "B-0000123", "没有这个词")
BATCH = 5000


def index(count: int) -> None:
    """An entry of the index for every finding that has none."""
    known = Entry.objects.filter(kind="finding").count()
    rows = Finding.objects.order_by("pk").values_list("pk", "number")[known:count]
    entries: list[Entry] = []
    for n, (pk, number) in enumerate(rows.iterator(chunk_size=BATCH), known):
        place, thing, fault = PLACES[n % 5], THINGS[n // 5 % 10], FAULTS[n // 50 % 8]
        plain = f"{place}{thing}{fault}，编号{n % 9973}"
        entries.append(
            Entry(
                kind="finding", object_id=pk, title=number, plain=plain, title_grams=grams(number), grams=grams(plain)
            )
        )
        if len(entries) == BATCH:
            Entry.objects.bulk_create(entries)
            entries = []
    Entry.objects.bulk_create(entries)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE search_entry")
