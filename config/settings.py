"""All settings; every one comes from the environment and has a default that lets a fresh checkout run.

What may be set is documented in `.env.example`; a value that makes no sense stops the start with a sentence.
"""

import os
import secrets
from pathlib import Path
from typing import Any

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.contrib.messages import constants as messages
from django.utils.translation import gettext_lazy as _

from config import env

# Lets classes such as ModelAdmin[User] be subscripted at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = env.boolean("DEBUG", False)
DEMO = env.boolean("DEMO", False)
HTTPS = env.boolean("HTTPS", False)


def _secret_key() -> str:
    """The key of the environment; without one, a key kept in var/, readable by its owner only."""
    given = env.text("SECRET_KEY")
    if given:
        if len(given) < 40:
            raise SystemExit("SECRET_KEY is too short: give at least 40 random characters. See .env.example.")
        return given
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(60))
    return path.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

#: The product's own apps, floor by floor from the ground (docs/architecture.md).
OWN_APPS = [
    "lib",
    "workflow",
    "search",
    "masterdata",
    "people",
    "calendars",
    "customers",
    "lists",
    "notices",
    "attachments",
    "questions",
    "clocks",
    "audits",
    "findings",
    "closure",
    "reports",
    "procedure",
]
INSTALLED_APPS = [
    *OWN_APPS,
    "demo",
    "config.apps.ConfigConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_fsm",
    "rules.apps.AutodiscoverRulesConfig",
    "django_htmx",
    "django_filters",
    "csp",
    "auditlog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MESSAGE_TAGS = {messages.ERROR: "danger"}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "workflow.middleware.PrivacyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "people.middleware.PreferredLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.LoginRequiredMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "workflow.middleware.DraftMiddleware",
    "workflow.middleware.ConflictMiddleware",
    "workflow.middleware.AddressMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
FORM_RENDERER = "config.forms.Renderer"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
        },
    },
    {
        # Messages are plain text: nothing in them is escaped for a page.
        "NAME": "text",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"autoescape": False},
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database_url()
    or {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "db.sqlite3",
        # WAL, IMMEDIATE and the timeout together are what keeps SQLite from answering "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
        },
    }
}
DATABASES["default"]["CONN_MAX_AGE"] = env.integer("DB_CONN_MAX_AGE", 60, low=0, high=86_400)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

env.refuse_in_production(
    DATABASES["default"]["ENGINE"],
    debug=DEBUG,
    demo=DEMO,
    hosts=ALLOWED_HOSTS,
    key=SECRET_KEY,
)

REDIS_URL = env.redis_url()
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {
            "BACKEND": "config.cache.SurvivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR / "cache"}
    )
}


def _broker_url() -> str:
    if REDIS_URL.startswith("unix://"):
        return REDIS_URL.replace("unix://", "redis+socket://").split("?")[0] + "?virtual_host=0"
    return REDIS_URL or "filesystem://"


CELERY_BROKER_URL = _broker_url()
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        # Longer than the longest task; the two restore settings bring a killed worker's task back in seconds.
        "visibility_timeout": 900,
        "unacked_restore_interval": 15,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 3,
        "socket_timeout": 10,
    }
else:
    _queue = VAR / "broker"
    (_queue / "control").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_queue / "control"),
    }
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.zone("TIME_ZONE", "Asia/Shanghai")
CELERY_TIMEZONE = TIME_ZONE
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.assets.NpmFinder",
]
MEDIA_ROOT = VAR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": env.media_storage(),
    "staticfiles": {"BACKEND": "config.assets.Storage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# The reverse proxy serves a file that a view allowed by this internal prefix; empty, or in a bucket: the web process streams it.
ACCEL_PREFIX = "" if env.text("S3_BUCKET") else env.text("ACCEL_PREFIX", "")
EVIDENCE_MAX_BYTES = env.integer("EVIDENCE_MAX_MB", 15, low=1, high=200) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "people.adapter.ClosedSignupAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = {"reset_password": "people.accounts.OwnAddressResetForm"}
# Nobody is written to who has no account here.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# By the caller's address an office shares, and by the account somebody tries to open.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,5/300s/key"}
# How many proxies stand before the web process; each adds the address it was called from.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, low=0, high=9)

EMAIL_CONFIG_BACKENDS = {
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}
_mail = env.text("EMAIL", "smtp" if env.text("EMAIL_HOST") else "file")
if _mail not in EMAIL_CONFIG_BACKENDS:
    raise SystemExit(f"EMAIL={_mail!r} is not usable: expected file, console or smtp. See .env.example.")
EMAIL_BACKEND = EMAIL_CONFIG_BACKENDS[_mail]
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, low=1, high=65_535)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "customer-audit@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "people.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": [
        "lib.parsing.SafeJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "workflow.openapi.Schema",
    "DEFAULT_PAGINATION_CLASS": "lib.paging.ApiPagination",
    "EXCEPTION_HANDLER": "workflow.refusals.api_errors",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Customer audit API",
    "DESCRIPTION": "Audits, findings, their moves, clocks, the ledger and reports.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["workflow.openapi.one_operation_per_move"],
    "ENUM_NAME_OVERRIDES": {
        "UnitKindEnum": "people.models.Unit.Kind",
        "MeetingKindEnum": "audits.records.Meeting.Kind",
        "AuditFileKindEnum": "audits.records.FileKind",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = env.integer("HSTS_SECONDS", 31_536_000, low=0, high=63_072_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# The sweep is late, and /readyz red, when its heartbeat is older than this many seconds.
SWEEP_LATE_SECONDS = env.integer("SWEEP_LATE_SECONDS", 300, low=60, high=86_400)
SWEEP_BATCH = env.integer("SWEEP_BATCH", 2000, low=1, high=10_000)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "clocks.sweep", "schedule": 60.0, "options": {"expires": 55}},
    "returns": {"task": "closure.record_returns", "schedule": 600.0, "options": {"expires": 590}},
    "canary": {"task": "clocks.canary", "schedule": 300.0, "options": {"expires": 290}},
    "deliver": {"task": "notices.deliver", "schedule": 20.0, "options": {"expires": 18}},
    "weekly": {"task": "closure.weekly", "schedule": 3600.0, "options": {"expires": 3500}},
    "index": {"task": "search.catch_up", "schedule": 60.0, "options": {"expires": 55}},
    "forget": {"task": "workflow.forget", "schedule": 86400.0, "options": {"expires": 80000}},
}

FONTS_CONF = VAR / "fonts.conf"
os.environ.setdefault("FONTCONFIG_FILE", str(FONTS_CONF))

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING").upper()},
    "loggers": {"fontTools": {"level": "ERROR"}, "weasyprint": {"level": "ERROR"}},
}
