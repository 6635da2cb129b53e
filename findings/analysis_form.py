"""The form of D4/D5: facts on the spot, three 5-why legs each down to a coded root, countermeasures against roots."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from findings.states import Category, Leg, Step, Strength
from people.models import User
from workflow import moment
from workflow.fields import DateField, PersonChoice, TextField, area
from workflow.forms import MoveForm

#: Five rungs are offered, more may be asked (domain §3.2); fewer than three are not enough.
RUNGS, MORE_RUNGS, LEAST_RUNGS = 5, 8, 3
ACTIONS = 8
#: Days: a countermeasure further away is a slip of the pen.
LONGEST_PLAN = 730
CHOOSE: list[tuple[str, Any]] = [("", "—")]


class AnalysisForm(MoveForm):
    place = TextField(label=_("The place: who went there, and when"), max_length=500, widget=area(2))
    thing = TextField(label=_("The object: what was looked at"), max_length=500, widget=area(2))
    facts_seen = TextField(label=_("The facts: what was seen and measured"), max_length=1000, widget=area(2))

    def prepare(self) -> None:
        for leg in Leg:
            self._prepare_leg(leg.value)
        people = list(User.objects.at_work().select_related("unit").order_by("name", "pk"))
        self._people = {person.pk: person for person in people}
        for n in range(1, ACTIONS + 1):
            self._prepare_action(n, people)
        self._fill_in()
        self.due = self._five_days()

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

    def _prepare_leg(self, leg: str) -> None:
        said = str(Leg(leg).label)
        for n in range(1, MORE_RUNGS + 1):
            for part, label, longest in (
                ("why", _("Why"), 500),
                ("because", _("Because"), 500),
                ("proof", _("Proof"), 300),
            ):
                self.fields[f"{leg}_{part}{n}"] = TextField(
                    label=f"{said} {n} · {label}", max_length=longest, required=False
                )
        self.fields[f"{leg}_root"] = TextField(label=said + " " + _("Root cause"), max_length=500)
        self.fields[f"{leg}_category"] = forms.ChoiceField(
            label=said + " " + _("5M1E"), choices=[*CHOOSE, *Category.choices]
        )
        self.fields[f"{leg}_verified"] = TextField(
            label=said + " " + _("How it was verified"), max_length=300, required=False
        )

    def _prepare_action(self, n: int, people: list[User]) -> None:
        self.fields[f"action{n}_leg"] = forms.ChoiceField(
            label=f"{n}. " + _("Against the root of"), choices=[*CHOOSE, *Leg.choices], required=False
        )
        self.fields[f"action{n}_text"] = TextField(label=f"{n}. " + _("Countermeasure"), max_length=500, required=False)
        self.fields[f"action{n}_strength"] = forms.ChoiceField(
            label=f"{n}. " + _("Strength"), choices=[*CHOOSE, *Strength.choices], required=False
        )
        self.fields[f"action{n}_owner"] = PersonChoice(people, label=f"{n}. " + _("Action owner"), required=False)
        self.fields[f"action{n}_due"] = DateField(label=f"{n}. " + _("By"), required=False)
        self.fields[f"action{n}_documents"] = TextField(
            label=f"{n}. " + _("Documents to change"), max_length=200, required=False
        )

    def _fill_in(self) -> None:
        """A revision that was sent back is where the next one starts."""
        last = self.subject.current(Step.ANALYSE)
        if last is None:
            return
        for name in ("place", "thing", "facts_seen"):
            self.fields[name].initial = last.data.get(name, "")
        for why in last.whys.all():
            for part, value in (("why", why.question), ("because", why.because), ("proof", why.proof)):
                if why.position <= MORE_RUNGS:
                    self.fields[f"{why.leg}_{part}{why.position}"].initial = value
        for root in last.roots.all():
            for part, value in (("root", root.statement), ("category", root.category), ("verified", root.verified_by)):
                self.fields[f"{root.leg}_{part}"].initial = value
        for n, action in enumerate(last.actions.select_related("root")[:ACTIONS], 1):
            values = {
                "leg": action.root.leg,
                "text": action.text,
                "strength": action.strength,
                "owner": action.owner_id,
                "due": action.due_on,
                "documents": action.documents,
            }
            for part, value in values.items():
                self.fields[f"action{n}_{part}"].initial = value

    # What the template draws.

    @property
    def plain_fields(self) -> list[Any]:
        return [self[name] for name in ("place", "thing", "facts_seen")]

    @property
    def legs(self) -> list[dict[str, Any]]:
        return [
            {
                "name": leg.value,
                "label": leg.label,
                "rungs": [self._rung(leg.value, n) for n in range(1, RUNGS + 1)],
                "more": [self._rung(leg.value, n) for n in range(RUNGS + 1, MORE_RUNGS + 1)],
                "root": [self[f"{leg.value}_{part}"] for part in ("root", "category", "verified")],
            }
            for leg in Leg
        ]

    def _rung(self, leg: str, n: int) -> dict[str, Any]:
        return {"n": n, "fields": [self[f"{leg}_{part}{n}"] for part in ("why", "because", "proof")]}

    @property
    def action_rows(self) -> list[dict[str, Any]]:
        parts = ("leg", "text", "strength", "owner", "due", "documents")
        return [{"n": n, "fields": [self[f"action{n}_{part}"] for part in parts]} for n in range(1, ACTIONS + 1)]

    # What is checked.

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._legs = [self._clean_leg(data, leg) for leg in Leg]
        self._actions = [row for n in range(1, ACTIONS + 1) if (row := self._clean_action(data, n))]
        covered = {row["leg"] for row in self._actions}
        for leg in Leg:
            if leg.value not in covered and not any(f"action{n}_leg" in self.errors for n in range(1, ACTIONS + 1)):
                self.add_error(
                    "action1_text",
                    gettext("The root of “%(leg)s” has no countermeasure yet.") % {"leg": leg.label},
                )
        return data

    def _clean_leg(self, data: dict[str, Any], leg: Leg) -> dict[str, Any]:
        whys = []
        for n in range(1, MORE_RUNGS + 1):
            why, because = data.get(f"{leg.value}_why{n}", ""), data.get(f"{leg.value}_because{n}", "")
            if bool(why) != bool(because):
                part = "because" if why else "why"
                self.add_error(f"{leg.value}_{part}{n}", _("Question and answer belong together."))
            elif why:
                whys.append({"question": why, "because": because, "proof": data.get(f"{leg.value}_proof{n}", "")})
        if len(whys) < LEAST_RUNGS:
            self.add_error(
                f"{leg.value}_why1",
                gettext("Ask why at least %(n)s times in this leg.") % {"n": LEAST_RUNGS},
            )
        return {
            "leg": leg.value,
            "whys": whys,
            "root": data.get(f"{leg.value}_root", ""),
            "category": data.get(f"{leg.value}_category", ""),
            "verified_by": data.get(f"{leg.value}_verified", ""),
        }

    def _clean_action(self, data: dict[str, Any], n: int) -> dict[str, Any] | None:
        parts = {part: data.get(f"action{n}_{part}") for part in ("leg", "text", "strength", "owner", "due")}
        if not parts["text"]:
            if parts["owner"] or parts["due"]:
                self.add_error(f"action{n}_text", _("Say what is done."))
            return None
        sentences = {
            "leg": _("Say which root it acts on."),
            "strength": _("Say how strongly it binds."),
            "owner": _("Name the action owner."),
            "due": _("Give a date."),
        }
        for part, sentence in sentences.items():
            if not parts[part] and f"action{n}_{part}" not in self.errors:
                self.add_error(f"action{n}_{part}", sentence)
        today = moment.today(self.subject.site.unit.zone())
        if parts["due"] and parts["due"] < today:
            self.add_error(f"action{n}_due", _("This date has passed."))
        elif parts["due"] and (parts["due"] - today).days > LONGEST_PLAN:
            self.add_error(f"action{n}_due", _("That is more than two years away."))
        return {
            "leg": parts["leg"],
            "text": parts["text"],
            "strength": parts["strength"],
            "owner": self._people.get(parts["owner"]) if parts["owner"] else None,
            "due_on": parts["due"],
            "documents": data.get(f"action{n}_documents", ""),
        }

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        making = next(leg for leg in self._legs if leg["leg"] == Leg.MAKING)
        return {
            "place": data["place"],
            "thing": data["thing"],
            "facts_seen": data["facts_seen"],
            "legs": self._legs,
            "actions": self._actions,
            "category": making["category"],
        }
