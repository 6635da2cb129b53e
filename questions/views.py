"""The part of a record's page on which people ask and answer, the same for audits and findings, page and API."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from questions.actions import address, write
from questions.forms import MessageForm
from questions.models import Message, of
from workflow import moves
from workflow.once import look, once, page_key


@dataclass(frozen=True)
class Thread:
    """A question and its answers."""

    question: Message
    answers: list[Message]


def threads(record: Any) -> list[Thread]:
    """What was asked beside the record, with the answers beneath."""
    found: dict[int, Thread] = {}
    for message in of(record):
        if message.question_id is None:
            found[message.pk] = Thread(message, [])
        else:
            found[message.question_id].answers.append(message)
    return list(found.values())


def context(record: Any, user: Any) -> dict[str, Any]:
    """What the part needs on the record's page."""
    return {
        "threads": threads(record),
        "question_form": MessageForm(record=record, user=user, auto_id="id_question_%s"),
        "ask_url": f"{record.get_absolute_url()}questions/",
    }


def ask(request: HttpRequest, record: Any) -> HttpResponse:
    """Write it down and lead back to it; what was typed survives a refusal."""
    look(request.user, page_key(request))
    form = MessageForm(request.POST, record=record, user=request.user)
    if not form.is_valid():
        key = request.POST.get("question", "")
        question = next((one.question for one in threads(record) if str(one.question.pk) == key), None)
        page = {
            "form": form,
            "subject": record,
            "question": question,
            "title": _("Answer") if question else _("Ask"),
            "draft": request.POST.get("draft", "")[:200],
        }
        return render(request, "questions/ask.html", page, status=400)
    message = said(form, page_key(request))
    messages.success(request, _("Written down."))
    return redirect(address(message, record))


def said(form: MessageForm, key: Any) -> Message:
    """Write down what the valid form says, once per key."""
    data, kept = form.cleaned_data, list[Message]()

    def act() -> Any:
        kept.append(write(form.record, by=form.user, text=data["text"], told=form.told, question=data["question"]))
        return form.record

    once(form.user, key, act)
    return kept[0]


class MessageSerializer(serializers.ModelSerializer[Message]):
    by = serializers.CharField(source="by.username")
    told = serializers.SlugRelatedField[Any]("username", many=True, read_only=True)

    class Meta:
        model = Message
        fields = ["id", "question", "text", "by", "at", "told"]


class NewMessageSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    tell = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Accounts of people around it."
    )
    question = serializers.IntegerField(required=False, help_text="The question this answers.")


def asked(request: Request, record: Any) -> int:
    """The same for a program: 201, or 200 when this very request was carried out before. Raises ValidationError (400)."""
    _number, status = moves.carried_out(
        request,
        lambda *data: MessageForm(*data[:1], record=record, user=request.user),
        lambda form, key: said(form, key).subject,
    )
    return status
