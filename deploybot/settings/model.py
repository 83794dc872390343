"""What can be set: every section and field with its type, its default and what makes a value wrong."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FilePath, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from deploybot.domain.guard import GuardRule
from deploybot.settings.access import AccessSettings, ActAs, GuardSettings, LinkingSettings
from deploybot.settings.addresses import DatabaseUrl, UiUrl, Url
from deploybot.settings.section import Duration, Hidden, Number, Section, SomePath, Text
from deploybot.settings.tokens import APP, BOT, of_kind


class SlackSettings(Section):
    """The Slack app that the bot is. Which secrets it needs depends on how Slack reaches it."""

    bot_token: Annotated[Hidden | None, of_kind(BOT)] = None
    """The bot user's OAuth token, from OAuth & Permissions of the Slack app. The bot needs it in any case."""
    app_token: Annotated[Hidden | None, of_kind(APP)] = None
    """An app-level token with `connections:write`, for Socket Mode: `deploybot run` without `--http` needs it."""
    signing_secret: Hidden | None = None
    """Proves that a request came from Slack: `run --http` needs it. From Basic Information of the Slack app."""
    api_url: Url = "https://slack.com/api/"
    """Slack's Web API. Change it for another Slack, such as GovSlack."""


class FoundationSettings(Section):
    """One Cloud Foundry: its API, one way to log in, and how to trust it."""

    api: Url
    """The address of the Cloud Controller, as `cf api` shows it."""
    client_id: Text | None = None
    """A UAA client that may read deployments: one of the three ways to log in."""
    client_secret: Hidden | None = None
    """The secret of `client_id`."""
    username: Text | None = None
    """A user with roles where deployments are read: another way to log in."""
    password: Hidden | None = None
    """The password of `username`."""
    refresh_token: Hidden | None = None
    """A refresh token of the cf CLI's client: the third way to log in."""
    ca_bundle: FilePath | None = None
    """Certificate authorities to trust here, as PEM. Not set: those of the system."""
    skip_tls_verify: bool = False
    """Trust any certificate. Whoever is between can read the tokens then: for trials only."""
    ui_url: UiUrl | None = None
    """Where people look at an app: an address with `{app}`, `{space}`, `{org}`, `{guid}` (the deployment) for guids."""
    act_as: ActAs = "person"
    """Whose credential continues and cancels: the person's own, by their link, or the bot's."""
    link_client_id: Text = "cf"
    """The UAA client by which people link their accounts; that of the cf CLI unless set."""
    link_client_secret: Hidden = SecretStr("")
    """The secret of `link_client_id`; the cf CLI's client has an empty one."""


class AnswerSettings(Section):
    """How answers are found, and from when on a deployment counts as in trouble."""

    deadline: Duration = timedelta(seconds=8)
    """So long an answer is waited for; a foundation that takes longer is named on the page."""
    stall_after: Duration = timedelta(minutes=10)
    """An active deployment without any progress for so long has stalled."""
    unhealthy_after: Duration = timedelta(seconds=30)
    """A rolling deployment that was canceled or superseded had failed if no instance got healthy for so long before."""


class PollingSettings(Section):
    """How foundations are watched: how often, how far back a look reaches, how much of the past is read first."""

    interval: Duration = timedelta(seconds=15)
    """So often each foundation is asked what is new."""
    overlap: Duration = timedelta(seconds=60)
    """So far before the last look the next one begins, since Cloud Foundry's lists settle late."""
    backfill: Duration = timedelta(days=7)
    """So much of the past is read when a foundation is watched for the first time."""
    rate_share: Annotated[float, Field(gt=0, le=1), Number] = 0.5
    """Which part of the foundation's own rate limit watching may use."""
    lease: Duration = timedelta(seconds=20)
    """How long a foundation stays with a replica that is not heard of; another takes over then."""


class DeliverySettings(Section):
    """How messages are sent that nobody asked for at that moment."""

    timeout: Duration = timedelta(seconds=10)
    """So long Slack may take to accept one message."""
    settle_after: Duration = timedelta(seconds=60)
    """So long after the time-out an unclear message is looked for before it is sent again."""
    messages_per_minute: Annotated[int, Field(ge=1, le=60), Number] = 2
    """First messages of deployments in one channel; more become a summary."""
    edits_per_minute: Annotated[int, Field(ge=1, le=1000), Number] = 40
    """For the whole workspace: Slack limits edits."""


class ActingSettings(Section):
    """How long a continue or cancel may take, and when somebody else looks after one that was left half done."""

    timeout: Duration = timedelta(seconds=15)
    """So long after its claim a request may be sent, and be on its way."""
    settle_after: Duration = timedelta(seconds=45)
    """So long after the time-out one that is not settled is looked after by whichever process runs."""
    again_after: Duration = timedelta(seconds=30)
    """So long after it was looked at what is unclear may not be tried again."""


class StoreSettings(Section):
    """Where the bot keeps what it has seen, what it must tell and to whom, and for how long."""

    database_url: DatabaseUrl | None = None
    """PostgreSQL, which any number of replicas share; not set: SQLite in `data_dir`."""
    data_dir: SomePath = Path("deploybot-data")
    """Made where it is not; relative to the directory that the bot was started in, as `deploybot.toml` is."""
    retention: Duration = timedelta(days=400)
    """So long after its end a deployment is forgotten, with what was told about it."""


class HttpSettings(Section):
    """Where `deploybot run --http` takes Slack's requests, at `/slack/events`."""

    host: Text = "127.0.0.1"
    """The address to listen at; `0.0.0.0` for every one of the machine, which the image does."""
    port: Annotated[int, Field(ge=0, le=65535), Number] = 3000
    """The port to listen at; 0 takes a free one."""


class HealthSettings(Section):
    """What platforms and monitoring ask: `/livez`, `/readyz` and `/metrics`."""

    port: Annotated[int | None, Field(ge=0, le=65535), Number] = None
    """A port of their own. Not set: with `--http` they are served beside Slack's requests; with Socket Mode at
    `http.port` where that is set, as by PORT, and else nowhere.
    """
    host: Text | None = None
    """The address that this port is opened at. Not set: that of `http`."""
    metrics_token: Hidden | None = None
    """Where it is set, `/metrics` and the reasons of `/readyz` are for those who send it as a bearer token."""
    heartbeat_file: SomePath | None = None
    """Touched every 10 s while Slack can reach the bot; `deploybot alive` looks at it."""


class TracingSettings(Section):
    """Traces by OpenTelemetry, where `deploybot[otel]` is installed."""

    endpoint: Url | None = None
    """Where traces are sent by OTLP over HTTP, such as http://127.0.0.1:4318; not set: nowhere."""


class LogSettings(Section):
    """What the bot writes about itself, to standard error."""

    format: Literal["console", "json"] = "console"
    """For people, or one JSON object a line for programs."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """What is less important than that is left out."""


def _to_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", name):
        raise ValueError("a foundation's name has lower-case letters, digits and dashes, 31 at most, like eu-prod")
    return name


FoundationName = Annotated[str, AfterValidator(_to_name)]


class Settings(BaseSettings):
    """Everything that can be set. Frozen; secrets do not show in `repr`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    slack: SlackSettings = SlackSettings()
    foundations: dict[FoundationName, FoundationSettings] = Field(default_factory=dict)
    access: AccessSettings = AccessSettings()
    linking: LinkingSettings = LinkingSettings()
    guards: tuple[GuardSettings, ...] = ()
    answers: AnswerSettings = AnswerSettings()
    polling: PollingSettings = PollingSettings()
    delivery: DeliverySettings = DeliverySettings()
    acting: ActingSettings = ActingSettings()
    store: StoreSettings = StoreSettings()
    http: HttpSettings = HttpSettings()
    health: HealthSettings = HealthSettings()
    tracing: TracingSettings = TracingSettings()
    log: LogSettings = LogSettings()

    def guard_rules(self) -> tuple[GuardRule, ...]:
        """The guards as the domain knows them."""
        return tuple(one.to_rule(number) for number, one in enumerate(self.guards, 1))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the table above is the environment
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        tree = init_settings()
        return (
            InitSettingsSource(settings_cls, tree["environment"]),
            InitSettingsSource(settings_cls, tree["file"]),
        )
