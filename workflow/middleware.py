"""Turns a move that came too late, or into a closed gate, into a page that says what to do next."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from workflow.errors import GateClosed, StaleState


class ConflictMiddleware:
    """StaleState → 409, GateClosed → 400, each as a readable page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, StaleState):
            return render(request, "409.html", {"message": error.message}, status=409)
        if isinstance(error, GateClosed):
            return render(request, "gate.html", {"missing": error.missing}, status=400)
        return None
