"""The profile, tokens, who leaves and who takes over, the language switch, and the one-click log-in of the demo."""

from typing import Any

import rules
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lib import moment
from people import accounts, actions, leaving, tokens
from people.forms import ConfirmAddressForm, DeputyForm, HandOverForm, ProfileForm, TokenForm
from people.master_forms import may_edit
from people.models import ApiToken, Deputy, Theme, User
from people.rules import Role, has_role
from workflow.errors import GateClosed, StaleState
from workflow.once import look, once, page_key

YEAR = 31_536_000


def _person(request: HttpRequest) -> User:
    """The person logged in (the middleware lets nobody else through)."""
    return User.objects.select_related("unit").get(pk=request.user.pk)  # type: ignore[misc]


def _profile_page(request: HttpRequest, user: User, status: int = 200, **forms: Any) -> HttpResponse:
    own = Deputy.objects.filter(Q(principal=user) | Q(principal__superior=user), ends_on__gte=moment.today())
    standing_in = Deputy.objects.filter(deputy=user, ends_on__gte=moment.today())
    context = {
        "form": ProfileForm(instance=User.objects.get(pk=user.pk)),
        "deputy_form": DeputyForm(by=user),
        "token_form": TokenForm(),
        "address_form": None if user.email_confirmed else ConfirmAddressForm(),
        "person": user,
        "deputies": own.select_related("deputy", "principal")[:40],
        "stands_in": standing_in.select_related("principal")[:40],
        "tokens": user.api_tokens.all()[:40],
        "now": moment.now(),
    }
    return render(request, "people/profile.html", context | forms, status=status)


def profile(request: HttpRequest) -> HttpResponse:
    """What the person may say about themselves, who stands in for them, and their programs' tokens."""
    user, which = _person(request), request.POST.get("form")
    if request.method != "POST":
        return _profile_page(request, user)
    if which == "deputy":
        deputy = DeputyForm(request.POST, by=user)
        if deputy.is_valid():
            actions.name_deputy(by=user, **deputy.cleaned_data)
            messages.success(request, _("Named: %(person)s has been told.") % {"person": deputy.cleaned_data["deputy"]})
            return redirect("people:profile")
        return _profile_page(request, user, 400, deputy_form=deputy)
    own = ProfileForm(request.POST, instance=_person(request))
    if not own.is_valid():
        return _profile_page(request, user, 400, form=own)
    if "email" in own.changed_data:
        actions.change_address(user, own.cleaned_data["email"], by=user)
    saved = own.save()
    messages.success(request, _("Saved."))
    return _with_language(redirect("people:profile"), saved.language)


@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """The absent person, or who named the deputy for them, ends it."""
    row = get_object_or_404(Deputy.objects.select_related("principal", "deputy"), pk=pk)
    if not actions.may_name_deputy(request.user, row.principal):
        raise Http404
    actions.end_deputy(row, by=request.user)
    messages.success(request, _("The deputy no longer stands in."))
    return redirect("people:profile")


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """A new API token. It is shown once."""
    user, form = _person(request), TokenForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, user, 400, token_form=form)
    token, key = tokens.make(user, **form.cleaned_data)
    return render(request, "people/token.html", {"token": token, "key": key})


@require_POST
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ApiToken, pk=pk, user_id=request.user.pk).delete()
    messages.success(request, _("The token has ended."))
    return redirect("people:profile")


@require_POST
def confirm_own_address(request: HttpRequest) -> HttpResponse:
    """The person confirms an address that somebody else entered, with the password."""
    user, form = _person(request), ConfirmAddressForm(request.POST)
    if form.is_valid() and user.check_password(form.cleaned_data["password"]):
        actions.confirm_address(user, by=user)
        messages.success(request, _("Confirmed."))
        return redirect("people:profile")
    if form.is_valid():
        form.add_error("password", _("This is not your password."))
    return _profile_page(request, user, 400, address_form=form)


# Joining and leaving ------------------------------------------------------------------------------------------------


def _may_see_leavers(user: Any) -> bool:
    return has_role(user, Role.SYSTEM_OFFICE, Role.PROCESS_OWNER, Role.TOP)


def index(request: HttpRequest) -> HttpResponse:
    """Who left with something still hanging on them, whose address waits for a confirmation, and everyone else."""
    if not _may_see_leavers(request.user):
        raise PermissionDenied("people.hand_over")
    gone = User.objects.filter(is_active=False).select_related("unit").order_by("name", "pk")
    leavers = [{"person": person, "held": held} for person in gone if (held := leaving.hangs_on(person))]
    text = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    found = (
        User.objects.at_work()
        .select_related("unit", "superior")
        .filter(Q(name__icontains=text) | Q(name_en__icontains=text) | Q(username__icontains=text))[:50]
        if text
        else []
    )
    context = {
        "leavers": leavers,
        "unconfirmed": User.objects.filter(is_active=True, email_confirmed=False).select_related("unit")[:100],
        "found": found,
        "text": text,
    }
    return render(request, "people/index.html", context)


def handover(request: HttpRequest, username: str) -> HttpResponse:
    """What hangs on a person, and who takes it over: all of it through the records' own doors, or nothing."""
    person = get_object_or_404(User.objects.select_related("unit", "superior"), username=username)
    if not leaving.may_hand_over(request.user, person):
        raise PermissionDenied("people.hand_over")
    look(request.user, page_key(request))
    held, status = leaving.hangs_on(person), 200
    form = HandOverForm(request.POST or None, person=person, held=held)
    if request.method == "POST":
        status = 400
        if form.is_valid() and _hand_over(request, person, form):
            return redirect("people:handover", username=person.username)
    context = {"person": person, "held": held, "form": form}
    return render(request, "people/handover.html", context, status=status)


def _hand_over(request: HttpRequest, person: User, form: HandOverForm) -> bool:
    """Whether it was done; what stood in the way is written on the form."""
    data, count = form.cleaned_data, 0

    def act() -> User:
        nonlocal count
        count = leaving.hand_over(person, form.successors(), by=request.user, reason=data["reason"])
        if data["deactivate"]:
            User.objects.filter(pk=person.pk).update(is_active=False)
            actions.note(person, request.user, is_active=("True", "False"))
            actions.write_down(request.user, person, "account closed")
        return person

    try:
        once(request.user, page_key(request), act, url=request.path)
    except GateClosed as closed:
        form.add_error(None, [str(sentence) for sentence in closed.missing])
    except StaleState as stale:
        form.add_error(None, stale.message)
    except ValidationError as error:
        form.add_error(None, error.messages)
    else:
        messages.success(request, _("%(n)s posts handed over.") % {"n": count})
        return True
    return False


@require_POST
def invite(request: HttpRequest, username: str) -> HttpResponse:
    """The message with which a person sets a password, to an address that is known to be theirs."""
    person = get_object_or_404(User, username=username, is_active=True)
    if not rules.has_perm("people.keep_accounts", request.user) or not may_edit(request.user, person):
        raise PermissionDenied("people.keep_accounts")
    if accounts.invite(request, person):
        actions.write_down(request.user, person, "invited to set a password")
        messages.success(request, _("The invitation is sent to %(address)s.") % {"address": person.email})
    else:
        messages.error(request, _("There is no address that is confirmed to be theirs: nothing was sent."))
    return redirect("settings:row", "people", person.username)


@require_POST
def reopen(request: HttpRequest, username: str) -> HttpResponse:
    """Somebody comes back: the account works again, with its roles as they were left."""
    person = get_object_or_404(User, username=username, is_active=False)
    if not rules.has_perm("people.keep_accounts", request.user) or not may_edit(request.user, person):
        raise PermissionDenied("people.keep_accounts")
    actions.reopen(person, by=request.user)
    messages.success(request, _("The account is open again."))
    return redirect("settings:row", "people", person.username)


@require_POST
def confirm_address(request: HttpRequest, username: str) -> HttpResponse:
    """Who stands above, or the management-system office, confirms that an address is the person's."""
    person = get_object_or_404(User, username=username, is_active=True)
    if person.pk == request.user.pk:
        raise PermissionDenied("people.confirm_address")
    actions.confirm_address(person, by=request.user)
    messages.success(request, _("Confirmed."))
    return redirect("people:index")


# Session, language, demo --------------------------------------------------------------------------------------------


def session(request: HttpRequest) -> JsonResponse:
    """For the script that keeps what was typed: who is logged in (null: nobody), and a fresh token for the form."""
    known = request.user.is_authenticated
    data = {"user": request.user.pk if known else None, "token": get_token(request)}
    return JsonResponse(data, headers={"Cache-Control": "no-store"})


def _with_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    return response


def _way_back(request: HttpRequest) -> str:
    """The page the person came from; the first page for an address that is not ours."""
    back = request.POST.get("next", "/")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "/"


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the page's language, and keep it for the person when someone is logged in."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return _with_language(redirect(_way_back(request)), language)


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device: kept for the person."""
    theme = request.POST.get("theme", "")
    if theme not in Theme.values:
        theme = Theme.AUTO
    User.objects.filter(pk=_person(request).pk).update(theme=theme)
    return redirect(_way_back(request))


@require_POST
def demo_login(request: HttpRequest) -> HttpResponse:
    """Log in as one of the demo people. Outside the demo this address does not exist."""
    username = request.POST.get("username", "")[:150]
    if not settings.DEMO or "\x00" in username:
        raise Http404
    user = get_object_or_404(User, username=username, is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return redirect("/")
    return _with_language(redirect("/"), user.language)
