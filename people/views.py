"""The profile, the language switch, and the one-click log-in of the demo."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework.authtoken.models import Token

from people.forms import DeputyForm, ProfileForm
from people.models import Deputy, User

YEAR = 31_536_000


def _own_id(request: HttpRequest) -> int:
    """The id of the person logged in (the middleware lets nobody else through)."""
    return int(request.user.pk or 0)


def profile(request: HttpRequest) -> HttpResponse:
    """What the person may say about themselves, and who stands in for them."""
    user = User.objects.get(pk=_own_id(request))
    which = request.POST.get("form")
    own = ProfileForm(request.POST if which == "profile" else None, instance=user)
    deputy = DeputyForm(request.POST if which == "deputy" else None, principal=user)
    status = 200
    if request.method == "POST":
        form = own if which == "profile" else deputy
        if form.is_valid():
            form.save()
            messages.success(request, _("Saved."))
            return _with_language(redirect("people:profile"), user.language)
        status = 400
    deputies = Deputy.objects.filter(principal=user).select_related("deputy")[:20]
    context = {"form": own, "deputy_form": deputy, "deputies": deputies, "person": user}
    return render(request, "people/profile.html", context, status=status)


@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Deputy, pk=pk, principal_id=_own_id(request)).delete()
    messages.success(request, _("The deputy no longer stands in."))
    return redirect("people:profile")


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """A new API token; the old one stops working. It is shown once."""
    Token.objects.filter(user_id=_own_id(request)).delete()
    token = Token.objects.create(user_id=_own_id(request))
    return render(request, "people/token.html", {"token": token.key})


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the page's language, and keep it for the person when someone is logged in."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    if request.user.is_authenticated:
        User.objects.filter(pk=_own_id(request)).update(language=language)
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return _with_language(redirect(back), language)


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Log in as one of the demo people. Outside the demo this address does not exist."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("username", "")[:150], is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return redirect("/")
    return _with_language(redirect("/"), user.language)
