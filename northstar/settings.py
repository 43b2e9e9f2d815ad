"""One settings file, all from the environment, safe by default (docs/configuration.md)."""

from __future__ import annotations

from pathlib import Path

from northstar.lib import env, keys
from northstar.lib.endpoints import (
    broker_options,
    cache_from,
    database_from,
    endpoint_of,
    mail_from,
    site_host,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data"))).resolve()
DATABASE_URL = env.secret("DATABASE_URL", "")
REDIS_URL = env.secret("REDIS_URL", "")
EMBEDDED = not DATABASE_URL
DEBUG = env.flag("DEBUG", False)

_keys = keys.load(DATA_DIR)
SECRET_KEY = env.secret("SECRET_KEY", _keys.secret_key)
DATA_KEYS = env.listing("DATA_KEYS", _keys.data_keys or [])

PORT = env.number("PORT", 8000)
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", site_host(SITE_URL)])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SECURE else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "northstar",
    "northstar.ui",
    "teams",
    "metrics",
]

MIDDLEWARE = [
    "northstar.security.SecurityHeaders",
    "northstar.security.RequestLimits",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages are mostly SVG and JSON. Against BREACH Django pads at random and masks the CSRF token.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "teams.middleware.SubjectMiddleware",
]

ROOT_URLCONF = "northstar.urls"
WSGI_APPLICATION = "northstar.wsgi.application"
FORM_RENDERER = "northstar.ui.forms.FormRenderer"
DEFAULT_EXCEPTION_REPORTER_FILTER = "northstar.reporting.ReporterFilter"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "northstar.home.navigation.navigation",
            ],
        },
    }
]

DATABASES = {"default": database_from(DATABASE_URL, DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "teams.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "teams.forms.accounts.LoginForm",
    "reset_password": "teams.forms.accounts.ResetPasswordForm",
    "reset_password_from_key": "teams.forms.accounts.ResetPasswordKeyForm",
    "change_password": "teams.forms.accounts.ChangePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
# Besides those of allauth: addresses of check-ins that were never made here, codes of screens.
ACCOUNT_RATE_LIMITS = {
    "check_in_link": "30/m/ip",
    "unsubscribe": "30/m/ip",
    "wall_code": "60/h/ip",
    "wall_code_typed": "20/m/user",
    "weekly_mail": "3/h/user",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Whose tries are counted: the proxy's own address would lock everybody out at once.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY", False) else 0
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
PASSWORD_RESET_TIMEOUT = 3600

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The hash is that of the empty string: Plotly adds one empty <style> and fills it by insertRule.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}

CACHES = {"default": cache_from(REDIS_URL, DATA_DIR)}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
COMPANY_TIME_ZONE = env.text("TIME_ZONE", "UTC")

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static" / "collected"
STATICFILES_DIRS = [("", BASE_DIR / "static" / "vendor")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "northstar.ui.files.StaticFiles"},
}

_mail = mail_from(env.secret("EMAIL_URL", ""), outbox=DATA_DIR / "mail")
EMAIL_CONFIGURED = _mail.configured
EMAIL_BACKEND, EMAIL_FILE_PATH = _mail.backend, _mail.file_path
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.use_tls, _mail.use_ssl
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "Northstar <northstar@localhost>")

# What may be opened when somebody typed the address: northstar/lib/egress.py.
EGRESS_ALLOW = env.listing("EGRESS_ALLOW", [])
EGRESS_PRIVATE = env.text("EGRESS_PRIVATE", "allow")
EGRESS_LOOPBACK = env.flag("EGRESS_LOOPBACK", False)
EGRESS_FORBIDDEN = [*endpoint_of(DATABASE_URL), *endpoint_of(REDIS_URL), ("127.0.0.1", PORT, None)]

# The folder whose database files admins may read as sources; empty: none.
SOURCE_FILES_DIR = env.text("SOURCE_FILES_DIR", "")

# Pulling: tests shorten these.
PULL_LEASE_SECONDS = env.number("PULL_LEASE_SECONDS", 360)
PULL_SOFT_LIMIT_SECONDS = env.number("PULL_SOFT_LIMIT_SECONDS", 240)
PULL_HARD_LIMIT_SECONDS = env.number("PULL_HARD_LIMIT_SECONDS", 300)
PULLS_PER_HOST = env.number("PULLS_PER_HOST", 2)
PULLS_AT_ONCE = env.number("PULLS_AT_ONCE", 20)
TICK_SECONDS = env.number("TICK_SECONDS", 30)
TRIAL_MINUTES = 15
# How often a wall screen asks for news.
WALL_RELOAD_SECONDS = env.number("WALL_RELOAD_SECONDS", 300)

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(REDIS_URL, DATA_DIR)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = PULL_HARD_LIMIT_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = PULL_SOFT_LIMIT_SECONDS
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_DEFAULT_QUEUE = "tick"
CELERY_TASK_ROUTES = {
    "metrics.tasks.pull": {"queue": "pull"},
    "metrics.tasks.run_trial": {"queue": "pull"},
    "teams.tasks.deliver": {"queue": "notify"},
    "teams.tasks.send_weekly_letter": {"queue": "notify"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "tick": {
        "task": "metrics.tasks.tick",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": TICK_SECONDS * 0.9},
    },
    "evaluate": {
        "task": "teams.tasks.evaluate",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": TICK_SECONDS * 0.9},
    },
    "tidy": {"task": "teams.tasks.tidy", "schedule": 6 * 3600.0, "options": {"expires": 6 * 3600}},
    "remind": {"task": "teams.tasks.remind", "schedule": 300.0, "options": {"expires": 270}},
    "weekly": {"task": "teams.tasks.weekly_review", "schedule": 300.0, "options": {"expires": 270}},
    "deliver": {
        "task": "teams.tasks.deliver",
        "schedule": float(TICK_SECONDS),
        "options": {"expires": TICK_SECONDS * 0.9},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["metrics.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["metrics.api.permissions.PolicyPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "metrics.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Northstar",
    "DESCRIPTION": "Programs send values of metrics with a key of a push source.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "northstar.lib.redacting.Formatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"httpx": {"level": "WARNING"}, "celery.beat": {"level": "WARNING"}},
}
