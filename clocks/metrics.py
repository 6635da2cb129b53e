"""The engine's state as Prometheus metrics, read from the database at every scrape, so any process can answer."""

from collections.abc import Iterator

from django.db.models import Model
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from clocks.health import State, clocks_running, state
from clocks.models import Escalation

GAUGES = (
    ("sweep_age_seconds", "Seconds since the last sweep ended.", lambda one: one.sweep_age),
    ("sweep_late", "1 when the last sweep ended too long ago.", lambda one: one.sweep_late),
    ("lag_seconds", "Age of the oldest alarm that is due and not swept.", lambda one: one.lag),
    ("clocks_due", "Clocks whose alarm is due now.", lambda one: one.clocks_due),
    ("canary_late", "1 when the canary clock did not fire in time.", lambda one: one.canary_late),
    ("canary_lag_seconds", "How late the canary fired last.", lambda one: one.canary_lag),
    ("deliveries_waiting", "Deliveries waiting to be sent.", lambda one: one.deliveries_waiting),
    ("oldest_delivery_age_seconds", "Age of the oldest undelivered notice.", lambda one: one.oldest_delivery_age),
    ("dead_letters", "Deliveries given up.", lambda one: one.dead_letters),
)
PREFIX = "audit_engine_"
#: Rows that only grow; the apps above add what follows from a rung.
COUNTERS: list[tuple[str, str, type[Model]]] = [("escalations", "Rungs fired.", Escalation)]


class Engine(Collector):
    """Asks the database once per scrape."""

    def __init__(self, found: State) -> None:
        self._state = found

    def collect(self) -> Iterator[Metric]:
        for name, said, read in GAUGES:
            value = read(self._state)
            if value is not None:
                yield GaugeMetricFamily(PREFIX + name, said, value=float(value))
        yield GaugeMetricFamily(PREFIX + "clocks_running", "Clocks with an alarm to come.", value=clocks_running())
        for name, said, model in COUNTERS:
            yield CounterMetricFamily(PREFIX + name, said, value=_last(model))


def _last(model: type[Model]) -> int:
    """The highest id: it only grows, and counting rows would cost more at every scrape."""
    return model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def text() -> bytes:
    """The exposition for one scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Engine(state()))
    return generate_latest(registry)
