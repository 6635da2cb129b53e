from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from notices.delivery import send_again
from notices.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin[Delivery]):
    """What could not be sent, why, and sending it again."""

    list_display = ["notice", "channel", "status", "attempts", "next_try_at", "sent_at", "error"]
    list_filter = ["status", "channel"]
    list_select_related = ["notice"]
    readonly_fields = ["notice", "channel", "status", "attempts", "next_try_at", "sent_at", "error"]
    actions = ["send_again"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Send again"))
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        send_again(list(rows.values_list("pk", flat=True)))
