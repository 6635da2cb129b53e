"""Questions and answers over the API, beside every kind of record that has them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from questions.models import of
from questions.views import MessageSerializer, NewMessageSerializer, asked
from workflow.schema import ACTS, IDEMPOTENCY, READS


class WithQuestions:
    """Lets a view set of records answer `…/questions/`; `asked_beside` is the record, or 404."""

    def asked_beside(self, number: str) -> Any:
        raise NotImplementedError

    @extend_schema(responses={200: MessageSerializer(many=True), **READS})
    @action(detail=True, methods=["get"], pagination_class=None)
    def questions(self, request: Request, number: str) -> Response:
        """Everything asked and answered, the oldest first; `question` is what a message answers."""
        return Response(MessageSerializer(of(self.asked_beside(number)), many=True).data)

    @extend_schema(
        request=NewMessageSerializer,
        parameters=[IDEMPOTENCY],
        responses={201: MessageSerializer(many=True), 200: MessageSerializer(many=True), **ACTS},
    )
    @questions.mapping.post
    def ask(self, request: Request, number: str) -> Response:
        """Ask, or answer a `question`; whoever is in `tell` or named with @ in the text is told."""
        record = self.asked_beside(number)
        status = asked(request, record)
        return Response(MessageSerializer(of(record), many=True).data, status=status)
