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
        shown=lambda keys: Customer.objects.filter(pk__in=keys),
        link=lambda customer: f"{reverse('audits:list')}?customer={customer.code}",
        about=lambda customer: customer.code,
    )
)
