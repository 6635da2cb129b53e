"""The form of D4/D5: facts on the spot, three 5-why legs each down to a coded root, countermeasures against roots."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from findings.answers import Submission
from findings.states import Category, Leg, Step, Strength
from lib import moment
from lib.fields import DateField, PersonChoice, TextField, area
from lib.rows import RowForm, Rows
from people.models import User
from workflow.forms import MoveForm

#: Five rungs are offered in each leg, more may be asked (domain §3.2); fewer than three are not enough.
RUNGS, MOST_RUNGS, LEAST_RUNGS = 5, 60, 3
#: So many countermeasures are offered: one against each root.
ACTIONS, MOST_ACTIONS = 3, 40
#: Days: a countermeasure further away is a slip of the pen.
LONGEST_PLAN = 730
CHOOSE: list[tuple[str, Any]] = [("", "—")]


TOGETHER = _("Question and answer belong together.")


def _leg() -> Any:
    return forms.ChoiceField(label=_("Leg"), choices=Leg.choices, widget=forms.HiddenInput)


class WhyRow(RowForm):
    """One rung of a leg: the next why, and what answers it."""

    keys = ("leg",)
    leg = _leg()
    question = TextField(label=_("Why"), max_length=500, error_messages={"required": TOGETHER})
    because = TextField(label=_("Because"), max_length=500, error_messages={"required": TOGETHER})
    proof = TextField(label=_("Proof"), max_length=300, required=False)

    @property
    def leg_drawn(self) -> str:
        leg = str(self["leg"].value())
        return leg if leg in Leg.values else str(Leg.MAKING.value)

    def title(self, number: int) -> str:
        return _title(self, self.whole.place_in_leg(self))


class RootRow(RowForm):
    """The root a leg arrived at, coded 5M1E."""

    leg = _leg()
    statement = TextField(label=_("Root cause"), max_length=500)
    category = forms.ChoiceField(label=_("5M1E"), choices=[*CHOOSE, *Category.choices])
    verified_by = TextField(label=_("How it was verified"), max_length=300, required=False)

    def title(self, number: int) -> str:
        return _title(self)


def _title(row: RowForm, number: int = 0) -> str:
    leg = row["leg"].value()
    said = str(Leg(leg).label) if leg in Leg.values else str(leg)
    return f"{said} {number}" if number else said


class ActionRow(RowForm):
    """A permanent countermeasure against a root; its owner may sit in another department (domain §4 A19)."""

    keys = ("leg",)
    leg = forms.ChoiceField(
        label=_("Against the root of"),
        choices=[*CHOOSE, *Leg.choices],
        error_messages={"required": _("Say which root it acts on.")},
    )
    text = TextField(label=_("Countermeasure"), max_length=500, error_messages={"required": _("Say what is done.")})
    strength = forms.ChoiceField(
        label=_("Strength"),
        choices=[*CHOOSE, *Strength.choices],
        error_messages={"required": _("Say how strongly it binds.")},
    )
    owner = PersonChoice(label=_("Action owner"), error_messages={"required": _("Name the action owner.")})
    due_on = DateField(label=_("By"), error_messages={"required": _("Give a date.")})
    documents = TextField(label=_("Documents to change"), max_length=200, required=False)

    def prepare(self) -> None:
        self.fields["owner"].offer_as(self.whole.somebody)  # type: ignore[attr-defined]

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        today = moment.today(self.whole.subject.site.unit.zone())
        if day < today:
            raise forms.ValidationError(gettext("This date has passed."))
        if (day - today).days > LONGEST_PLAN:
            raise forms.ValidationError(gettext("That is more than two years away."))
        return day


class AnalysisForm(MoveForm):
    place = TextField(label=_("The place: who went there, and when"), max_length=500, widget=area(2))
    thing = TextField(label=_("The object: what was looked at"), max_length=500, widget=area(2))
    facts_seen = TextField(label=_("The facts: what was seen and measured"), max_length=1000, widget=area(2))
    lists = {
        "whys": Rows(form=WhyRow, label=_("5 Why"), add=_("Ask further"), most=MOST_RUNGS, blank=0, needed=True),
        "roots": Rows(form=RootRow, label=_("Root causes"), fixed="leg"),
        "actions": Rows(
            form=ActionRow,
            label=_("Countermeasures"),
            add=_("Add a countermeasure"),
            most=MOST_ACTIONS,
            blank=0,
            needed=True,
        ),
    }

    def prepare(self) -> None:
        self.people = list(User.objects.at_work().select_related("unit").order_by("name", "pk"))
        self.somebody = PersonChoice(self.people)
        for name in ("place", "thing", "facts_seen"):
            self.fields[name].initial = self.last.data.get(name, "") if self.last else ""
        self.due = self._five_days()

    @cached_property
    def last(self) -> Submission | None:
        """A revision that was sent back is where the next one starts."""
        found: Submission | None = self.subject.current(Step.ANALYSE)
        return found

    def _five_days(self) -> Any:
        """The day the closure is due, in the plant's time; a later countermeasure needs an exemption."""
        rows = self.subject.deadlines.filter(step=Step.CLOSE, cycle=self.subject.cycle)
        row = rows.first()
        return moment.day_of(row.due_at, moment.zone_of(row.zone)) if row else None

    @property
    def intro(self) -> str:
        if self.due is None:
            return ""
        return gettext(
            "The finding is due to be closed on %(day)s. A countermeasure after that day needs an exemption: you "
            "can apply for it once this is submitted."
        ) % {"day": self.due}

    # What its lists start with.

    def rows_now(self, name: str) -> list[dict[str, Any]]:
        return {"whys": self._whys_now, "roots": self._roots_now, "actions": self._actions_now}[name]

    @cached_property
    def _whys_now(self) -> list[dict[str, Any]]:
        columns = ("leg", "question", "because", "proof")
        asked = list(self.last.whys.values(*columns)) if self.last else []
        found = []
        for leg in Leg.values:
            own = [why for why in asked if why["leg"] == leg]
            found += own + [{"leg": leg}] * (RUNGS - len(own))
        return found

    @cached_property
    def _roots_now(self) -> list[dict[str, Any]]:
        known = {root.leg: root for root in self.last.roots.all()} if self.last else {}
        columns = ("statement", "category", "verified_by")
        return [
            {"leg": leg} | ({name: getattr(known[leg], name) for name in columns} if leg in known else {})
            for leg in Leg.values
        ]

    @cached_property
    def _actions_now(self) -> list[dict[str, Any]]:
        if self.last is None or not (actions := list(self.last.actions.select_related("root"))):
            return [{"leg": leg} for leg in Leg.values]
        columns = ("text", "strength", "due_on", "documents")
        return [
            {"leg": action.root.leg, "owner": action.owner_id} | {name: getattr(action, name) for name in columns}
            for action in actions
        ]

    # What the template draws.

    @property
    def legs(self) -> list[dict[str, Any]]:
        """Leg by leg: its rungs in their order, its root."""
        whys, roots = self.row_sets["whys"].shown, self.row_sets["roots"].forms
        return [
            {
                "name": leg.value,
                "label": leg.label,
                # A rung that belongs to none is not lost: it stands in the first, with its error.
                "rungs": [row for row in whys if row.leg_drawn == leg],
                "root": next((row for row in roots if row["leg"].value() == leg), None),
            }
            for leg in Leg
        ]

    def place_in_leg(self, row: WhyRow) -> int:
        leg = row["leg"].value()
        own = [form for form in self.row_sets["whys"].forms if form["leg"].value() == leg]
        return 1 + own.index(row) if row in own else 0

    # What is checked.

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked = [row["leg"].value() for row in self.row_sets["whys"].kept]
        against = {row["leg"].value() for row in self.row_sets["actions"].kept}
        for leg in Leg:
            if asked.count(leg.value) < LEAST_RUNGS:
                said = gettext("Ask why at least %(n)s times in the leg “%(leg)s”.")
                self.add_list_error("whys", said % {"n": LEAST_RUNGS, "leg": leg.label})
            if leg.value not in against:
                said = gettext("The root of “%(leg)s” has no countermeasure yet.")
                self.add_list_error("actions", said % {"leg": leg.label})
        return data

    def facts(self) -> dict[str, Any]:
        data, people = self.cleaned_data, {person.pk: person for person in self.people}
        roots = {root["leg"]: root for root in data["roots"]}
        return {
            "place": data["place"],
            "thing": data["thing"],
            "facts_seen": data["facts_seen"],
            "legs": [_leg_facts(leg, data["whys"], roots[leg]) for leg in Leg.values],
            "actions": [{**action, "owner": people[action["owner"]]} for action in data["actions"]],
            "category": roots[Leg.MAKING]["category"],
        }


def _leg_facts(leg: str, whys: list[dict[str, Any]], root: dict[str, Any]) -> dict[str, Any]:
    rungs = [{name: why[name] for name in ("question", "because", "proof")} for why in whys if why["leg"] == leg]
    return {
        "leg": leg,
        "whys": rungs,
        "root": root["statement"],
        "category": root["category"],
        "verified_by": root["verified_by"],
    }
