"""All activities, in the order of their codes."""

from procedure.activities import afterwards, before, closing, on_site
from procedure.content import Activity

ALL: tuple[Activity, ...] = (
    *before.ACTIVITIES,
    *on_site.ACTIVITIES,
    *closing.ACTIVITIES,
    *afterwards.ACTIVITIES,
)
