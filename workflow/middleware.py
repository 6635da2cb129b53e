"""What holds for every request: addresses that can be looked up, answers that stay private, moves that came too late."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from workflow.errors import GateClosed, StaleState
from workflow.once import AlreadyDone

Respond = Callable[[HttpRequest], HttpResponse]
#: The key of the draft that the server has taken, for the script that kept it; read once, then dropped.
TAKEN = "taken"


class AddressMiddleware:
    """An address with U+0000 in it names nothing: PostgreSQL can neither store nor look for such text."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]) -> None:
        if any("\x00" in str(value) for value in kwargs.values()):
            raise Http404


class PrivacyMiddleware:
    """What is made for somebody who is logged in is kept by no cache, and not by the browser of the next one either."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        user = getattr(request, "user", None)
        known = (user is not None and user.is_authenticated) or "Authorization" in request.headers
        if known and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store, private"
        return response


class DraftMiddleware:
    """A draft kept in the browser goes when the server has taken the form, not when it was sent."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = request.user.is_authenticated
        response = self.get_response(request)
        draft = request.POST.get("draft", "") if request.method == "POST" else ""
        if known and draft and response.status_code == 302:
            response.set_cookie(TAKEN, draft[:200].encode().hex(), max_age=600, samesite="Lax")
        return response


class ConflictMiddleware:
    """StaleState → 409, GateClosed → 400, each as a readable page; a form sent twice → what came of it the first time."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, StaleState):
            return render(request, "409.html", {"message": error.message}, status=409)
        if isinstance(error, GateClosed):
            return render(request, "gate.html", {"missing": error.missing}, status=400)
        if isinstance(error, AlreadyDone):
            return redirect(error.sent.url or "/")
        return None
