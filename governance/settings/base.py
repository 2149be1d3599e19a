"""What every installation has in common. Nothing here is a secret; secrets and addresses come from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from governance.settings import env, log, sms, tiles

BASE_DIR = Path(__file__).resolve().parents[2]

# ---------------------------------------------------------------- keys
SECRET_KEY = env.secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS", [])
# The first key encrypts, all of them decrypt: put a new key in front to rotate. Each is 32 bytes in url-safe base64.
FIELD_ENCRYPTION_KEYS = [key for key in env.secret("FIELD_ENCRYPTION_KEYS").replace("\n", ",").split(",") if key]
# Keyed hashes make encrypted values (telephone numbers) findable by equality. The older keys are tried in look-ups
# until `manage.py rotate_keys` has computed every hash anew.
FIELD_HASH_KEY = env.secret("FIELD_HASH_KEY")
FIELD_HASH_KEY_FALLBACKS = [key for key in env.secret("FIELD_HASH_KEY_FALLBACKS", "").split(",") if key]

# ---------------------------------------------------------------- what the installation is
DEBUG = False
DEMO = False  # shows the 演示数据 badge
SETUP_TOKEN = env.text("SETUP_TOKEN", "")  # asked of the very first visitor; empty: one is printed in the log
CLOCK_SHIFT_ALLOWED = False  # demo and tests may move the platform's clock
ALLOWED_HOSTS: list[str] = env.items("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.items("CSRF_TRUSTED_ORIGINS", [])
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)  # how many reverse proxies of ours stand in front

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "guardian",
    "axes",
    "csp",
    "django_otp",
    "governance.kernel",
    "governance.accounts",
    "grids",
    "governance.privacy",
    "grids.territory",
    "grids.households",
    "grids.visits",
    "grids.canvasses",
    "grids.patrols",
    "grids.posts",
    "requests_intake",
    "requests_intake.desks",
    "services",
    "analytics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "governance.kernel.middleware.EdgeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # Takes /d/<code> off the path before anything looks at it.
    "governance.kernel.tenancy.middleware.DistrictPathMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "governance.accounts.idle.IdleSessionMiddleware",  # before anybody asks whose session it is
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Opens the district scope and the transaction around the whole response, rendering included.
    "governance.accounts.middleware.MembershipMiddleware",
    "grids.middleware.ActorMiddleware",
    "governance.kernel.throttle.ThrottleMiddleware",
    "governance.kernel.middleware.DomainErrorMiddleware",
    "governance.accounts.standing.StandingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Behind whatever sends people elsewhere: a redirect that it sees is the view's own.
    "governance.accounts.offline.OfflineMiddleware",
    "axes.middleware.AxesMiddleware",  # must stay the last one
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
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
                "grids.context_processors.shell",
            ],
        },
    },
]

# ---------------------------------------------------------------- database
# One alias per role: `default` is the application's (row security applies), `owner` migrates, `sweep` may only ask
# which districts have due work. A process gets the URLs of the roles it needs and no others.
_DATABASE_VARIABLES = {"default": "DATABASE_URL", "owner": "OWNER_DATABASE_URL", "sweep": "SWEEP_DATABASE_URL"}


def _database(url: str) -> dict[str, Any]:
    return {
        "ENGINE": "governance.kernel.tenancy.backend",
        "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        # Named cursors do not survive a pooler in transaction mode.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        # Own middleware opens the transaction: ATOMIC_REQUESTS ends before lazily rendered pages are rendered.
        "ATOMIC_REQUESTS": False,
        **env.parse_database_url(url),
    }


DATABASES = {
    alias: _database(env.text(variable))
    for alias, variable in _DATABASE_VARIABLES.items()
    if alias == "default" or env.text(variable, "")
}

# ---------------------------------------------------------------- Redis: tasks and cache
REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.redis_url_with_database(REDIS_URL, 1),
        "KEY_PREFIX": "governance",
        # The cache only counts requests; whoever waits for a server that hangs waits for nothing.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}

CELERY_BROKER_URL = env.celery_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The database is the truth and a reconciler re-sends: better a publish that fails at once than a page that hangs.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "visibility_timeout": 600,  # seconds until the unfinished task of a dead worker is delivered again
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# ---------------------------------------------------------------- sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "governance.accounts.passwords.MixedKindsValidator", "OPTIONS": {"kinds": 3}},
    {"NAME": "governance.accounts.passwords.OwnNameValidator"},
    {"NAME": "governance.accounts.passwords.HistoryValidator", "OPTIONS": {"remembered": 5}},
]
STAFF_PASSWORD_DAYS = env.integer("STAFF_PASSWORD_DAYS", 90)  # then a new one is asked for before anything else

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

# How many masked values one person may open in a day; the security administrator may allow more for a day.
REVEAL_DAILY_CAP = env.integer("REVEAL_DAILY_CAP", 20, minimum=1)

# Days for which sign-ins and failed ones are kept; the Cybersecurity Law (art. 23) wants six months at least.
SIGN_IN_LOG_DAYS = env.integer("SIGN_IN_LOG_DAYS", 365, minimum=180)

# How often one caller (a member, else a network address) may do something: number/seconds. A street office or a whole
# compound may stand behind one address, so they stop programs and not people.
THROTTLES = {
    "report": env.rate("THROTTLE_REPORT", "120/3600"),
    "track": env.rate("THROTTLE_TRACK", "120/900"),  # a ticket itself is locked after five wrong answers
    "feedback": env.rate("THROTTLE_FEEDBACK", "60/3600"),
    "sign_in": env.rate("THROTTLE_SIGN_IN", "120/900"),  # an account itself is locked after five wrong passwords
    "search": env.rate("THROTTLE_SEARCH", "600/300"),
    "api_read": env.rate("THROTTLE_API_READ", "1200/60"),
    "api_write": env.rate("THROTTLE_API_WRITE", "600/60"),
}
# Counted in PostgreSQL while Redis is away; the rest is let through then.
THROTTLE_KEPT = frozenset({"report", "track", "feedback", "sign_in"})
# Pages counted before they are shown. Forms whose input must survive a refusal count in their own views.
THROTTLED_PAGES = {
    "POST accounts:sign_in": "sign_in",
    "POST accounts:invitation": "sign_in",
    "POST setup:first": "sign_in",
    "POST resident:login": "sign_in",
    "POST resident:login_again": "sign_in",
    "POST resident:login_code": "sign_in",
    "POST resident:report_hints": "search",
    "POST resident:report_places": "search",
    "POST resident:report_buildings": "search",
    "POST resident:answer_helped": "search",
    "GET resident:answers": "search",
    "GET resident:answer": "search",
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600  # a working day; silence ends a session earlier
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
STAFF_IDLE_TIMEOUT = timedelta(minutes=env.integer("STAFF_IDLE_MINUTES", 30))
ADMIN_IDLE_TIMEOUT = timedelta(minutes=env.integer("ADMIN_IDLE_MINUTES", 15))
SESSION_LIMIT = timedelta(hours=12)  # however busy the session was

# A second factor is offered to everybody and required of administrators. "offered" to them too: demo and tests only.
SECOND_FACTOR = env.text("SECOND_FACTOR", "required")
SECOND_FACTOR_ISSUER = env.text("SECOND_FACTOR_ISSUER", "民呼必应")  # what the authenticator shows beside the handle

# An identity provider of the district's own (OpenID Connect); off while there is no issuer. ``OIDC_CLAIM`` of its
# token names the handle; who has no account here gets none.
OIDC_ISSUER = env.text("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.secret("OIDC_CLIENT_SECRET", "")
OIDC_SCOPE = env.text("OIDC_SCOPE", "openid profile")
OIDC_CLAIM = env.text("OIDC_CLAIM", "preferred_username")
OIDC_LABEL = env.text("OIDC_LABEL", "统一身份认证")

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Both our sign-in and the administration pass the handle to authenticate() under this name; axes must look there,
# or it counts failures for nobody and locks nobody.
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "governance.accounts.lockout.counted_as"
HANDLE_FAILURE_LIMIT = 20  # failures of one handle from all addresses together
KNOWN_BROWSER_DAYS = 90
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "governance.accounts.views.sign_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "governance.settings.proxy.client_address"
AXES_VERBOSE = False

# Residents: by a code to their phone, once there is a gateway (governance.settings.sms).
SMS_GATEWAY = sms.gateway()
SMS_HTTP = sms.http()
SMS_DAILY_PER_PHONE = env.integer("SMS_DAILY_PER_PHONE", 5, minimum=1)
SMS_DAILY_PER_ADDRESS = env.integer("SMS_DAILY_PER_ADDRESS", 20, minimum=1)

# Messages to people outside the inbox (governance.accounts.notifications). E-mail only with a server.
PUBLIC_URL = env.text("PUBLIC_URL", "").rstrip("/")  # where districts without a host of their own are found
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = env.integer("EMAIL_TIMEOUT", 10, minimum=1)
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "no-reply@localhost")
# The only hosts (host or host:port, always https) that an address entered for a group robot may lead to.
ROBOT_HOSTS = env.items("ROBOT_HOSTS", ["qyapi.weixin.qq.com", "oapi.dingtalk.com"])

# Grants hang on our own models with real foreign keys; there is no anonymous user row.
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its backend reads generic tables, which carry no district
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False

# ---------------------------------------------------------------- what a browser may do
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [SELF],
        "object-src": [NONE],
    }
}
# Background tiles of maps; their host is added to img-src on pages with a map only (grids.views.maps).
MAP_TILES = tiles.tiles()
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
PERMISSIONS_POLICY = ", ".join(
    ["geolocation=(self)"]  # 定位 in the report form
    + [f"{feature}=()" for feature in ("accelerometer", "browsing-topics", "camera", "display-capture", "gyroscope",
       "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking")]
)  # fmt: skip

# ---------------------------------------------------------------- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.accounts.api.authentication.SessionAuthentication",
        "governance.accounts.api.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["governance.kernel.api.throttling.LimitThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["governance.kernel.api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "governance.kernel.api.pagination.CursorPagination",
    "PAGE_SIZE": 20,
    "DEFAULT_SCHEMA_CLASS": "governance.kernel.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "governance.kernel.api.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "社区治理平台",
    "VERSION": "1",
    "DESCRIPTION": (
        "错误一律是 application/problem+json。每个写操作都可以带 Idempotency-Key：同一编号重复提交只生效一次。"
        "工作人员的接口按令牌或登录所在的区；居民的接口按域名或网址里的 /d/{区代号}/。"
    ),
    "SERVERS": [
        {"url": "/", "description": "按域名、登录或令牌"},
        {"url": "/d/{district}", "description": "按区代号", "variables": {"district": {"default": "s1"}}},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "DEFAULT_GENERATOR_CLASS": "governance.kernel.api.schema.SchemaGenerator",
    "ENUM_NAME_OVERRIDES": {
        "TicketState": "requests_intake.workflow.TicketState.choices",
        "OrderState": "requests_intake.workflow.OrderState.choices",
        "Satisfaction": "requests_intake.models.Satisfaction",
        "Channel": "requests_intake.models.Channel",
        "WhistleKind": "requests_intake.models.WhistleKind",
        "ApplicationKind": "requests_intake.models.Application.Kind",
        "ApplicationState": "requests_intake.models.Application.State",
        "MediationKind": "requests_intake.models.MediationKind",
        "MediationMode": "requests_intake.models.MediationMode",
        "MediationState": "requests_intake.models.MediationCase.State",
        "MediationSeverity": "requests_intake.models.MediationCase.Severity",
        "MediationEnd": "requests_intake.api.mediation.ENDS",
        "MediationHeavier": "requests_intake.api.mediation.HEAVIER",
        "MediationVisitWay": "requests_intake.api.mediation.WAYS",
        "ClinicMode": "requests_intake.models.ClinicDay.Mode",
        "BookingState": "requests_intake.models.ClinicBooking.State",
        "Level": "grids.models.Level",
        "HouseholdKind": "grids.households.models.Household.Kind",
        "GridElementKind": "grids.households.models.GridElement.Kind",
        "CanvassFieldKind": "grids.canvasses.models.CanvassField.Kind",
        "CanvassMet": "grids.canvasses.models.CanvassAnswer.Met",
        "CareKind": "grids.visits.models.CareLink.Kind",
        "CareCategory": "grids.visits.models.CareObject.Category",
        "CareLevel": "grids.visits.models.CareObject.Level",
        "MustVisitKind": "grids.visits.models.MustVisitRule.Kind",
        "VisitMet": "grids.visits.models.Visit.Met",
        "VisitPurpose": "grids.visits.models.Visit.Purpose",
        "PatrolPlanKind": "grids.patrols.models.PatrolPlan.Kind",
        "PatrolState": "grids.patrols.models.Patrol.State",
        "PatrolResult": "grids.patrols.models.Patrol.Result",
        "PatrolCrewRole": "grids.patrols.models.PatrolCrew.Role",
        "PatrolShiftCode": "grids.patrols.models.PatrolShift.Code",
        "ForceKind": "grids.posts.models.Force.Kind",
        "AdviserKind": "grids.posts.api.forces.ADVISER_KINDS",
        "CircleRole": "requests_intake.models.CaseMember.Role",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # No badge that sends our address to a validator elsewhere.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
}

# ---------------------------------------------------------------- language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# ---------------------------------------------------------------- files
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    ("dist", BASE_DIR / "static" / "dist"),  # sources are not served
    ("help", BASE_DIR / "docs" / "screens" / "help"),  # pictures of the handbook
]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / "var" / "media")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = 95 * 1024 * 1024  # a whole request with files: six photos of 15 MB, and what is written with them
FILE_UPLOAD_PERMISSIONS = 0o640

LOGGING = log.configure(json=False, level=env.text("LOG_LEVEL", "INFO"))

# Days for which the audit log is kept; the law wants 180 at least, and neither start-up nor database goes below.
AUDIT_KEEP_DAYS = env.integer("AUDIT_KEEP_DAYS", 365)

# Tasks run once a night for the platform as a whole, without a district.
NIGHTLY_PLATFORM_TASKS = ["governance.privacy.tasks.forget_sign_ins"]
# Tasks run once a night in every active district (kernel.tasks.nightly).
NIGHTLY_DISTRICT_TASKS = [
    "governance.kernel.tasks.verify_audit",
    "governance.kernel.tasks.prune_audit",
    "governance.kernel.tasks.forget_idempotency",
    "governance.accounts.tasks.forget_codes",
    "governance.accounts.tasks.forget_deliveries",
    "governance.kernel.tasks.forget_throttle_counts",
    "requests_intake.tasks.archive_finished_tickets",
    "requests_intake.tasks.check_clocks_of_district",
    "requests_intake.tasks.prepare_draw_seeds",
    "requests_intake.tasks.remove_abandoned_photos",
    "grids.tasks.expire_register_uploads",
    "governance.privacy.tasks.keep_terms",
    "requests_intake.tasks.tell_due_answers",
    "requests_intake.tasks.make_proactive_tasks",
    "requests_intake.tasks.remind_clinic_bookings",
    "grids.households.tasks.close_month",
    "grids.patrols.tasks.close_unfinished",
    "grids.visits.tasks.open_must_visits",
    "grids.canvasses.tasks.erase_due_answers",
    "requests_intake.tasks.tell_due_mediation",
]

CSRF_FAILURE_VIEW = "governance.kernel.views.csrf_failure"
