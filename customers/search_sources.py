"""How customers are found."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from people.search_sources import names_of
from search.sources import Source, Text, register

register(
    Source(
        kind="customer",
        label=_("Customers"),
        model=Customer,
        rows=lambda keys: Customer.objects.filter(pk__in=keys),
        text=lambda customer: Text(customer.name, names_of(customer)),
        visible=lambda _user: Customer.objects.all(),
        links=lambda keys: {
            pk: f"{reverse('audits:list')}?customer={code}"
            for pk, code in Customer.objects.filter(pk__in=keys).values_list("pk", "code")
        },
        about=lambda keys: dict(Customer.objects.filter(pk__in=keys).values_list("pk", "code")),
    )
)
