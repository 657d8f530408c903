"""Settings: lines `NAME=value` of the environment variable SETTINGS, read once, on first use."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the line of the same name in capitals (see Settings in template.yaml)."""

    stage: str
    database_host: str
    database_port: int
    database_reader_host: str  # the primary's where there is no reader
    database_reader_port: int
    database_name: str
    database_user: str
    database_owner: str  # the migrator's role
    database_operator: str  # the role of InspectDatabase, which only reads
    database_auth: str  # iam, or none: the local cloud's
    cache_host: str
    cache_port: int
    cache_name: str
    cache_user: str
    cache_auth: str  # iam, or none: the local cloud's
    opensearch_url: str  # empty: there is none, and Postgres searches
    opensearch_auth: str  # iam, or none: the local cloud's
    opensearch_prefix: str  # of the names of its indexes and aliases
    media_url: str  # of the edge; empty: nothing is served
    media_key_id: str  # what CloudFront calls the public key
    media_signing_key: str  # the ARN of the private key's secret, or a file: the local cloud's
    media_window_seconds: int  # how long everybody gets the same signed URL
    socket_url: str
    push_queue_url: str
    flush_queue_url: str
    socket_queue_url: str
    log_queue_url: str
    media_queue_url: str
    media_bucket: str
    media_scanner: str  # the name of a function, or none
    consumer_queue_urls: Mapping[str, str]  # by the consumer's name
    link_previews: bool  # whether links get previews
    previews_queue_url: str  # that of the consumer `previews`
    preview_fetch_queue_url: str
    delivery_queue_url: str
    web_push_queue_url: str
    push_contact: str  # mailto: or https:, for push services; empty: no Web Push
    phone_push_queue_url: str
    apns_secret: str  # the ARN of a secret, or a file: the local cloud's; empty: no push to iPhones
    fcm_secret: str  # the same for Android
    mail_queue_url: str
    mail_from: str  # empty: no mail
    mail_configuration_set: str
    api_url: str  # for links in mails
    heartbeat_seconds: int
    socket_life_seconds: int

    @property
    def queues_url(self) -> str:
        """The folder of all queues, which are of one account."""
        return self.push_queue_url.rpartition("/")[0]

    @property
    def has_reader(self) -> bool:
        """Whether there is a reader beside the primary."""
        reader = (self.database_reader_host, self.database_reader_port)
        return reader != (self.database_host, self.database_port)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Raises KeyError with the setting's name where one is not set. A variable of the same name in
    the environment comes first: the local cloud and tests may change one setting.
    """
    values = {**_lines(os.environ.get("SETTINGS", "")), **os.environ}
    return Settings(
        stage=values["STAGE"],
        database_host=values["DATABASE_HOST"],
        database_port=int(values["DATABASE_PORT"]),
        database_reader_host=values["DATABASE_READER_HOST"],
        database_reader_port=int(values["DATABASE_READER_PORT"]),
        database_name=values["DATABASE_NAME"],
        database_user=values["DATABASE_USER"],
        database_owner=values["DATABASE_OWNER"],
        database_operator=values["DATABASE_OPERATOR"],
        database_auth=values["DATABASE_AUTH"],
        cache_host=values["CACHE_HOST"],
        cache_port=int(values["CACHE_PORT"]),
        cache_name=values["CACHE_NAME"],
        cache_user=values["CACHE_USER"],
        cache_auth=values["CACHE_AUTH"],
        opensearch_url=values["OPENSEARCH_URL"],
        opensearch_auth=values["OPENSEARCH_AUTH"],
        opensearch_prefix=values["OPENSEARCH_PREFIX"],
        media_url=values["MEDIA_URL"],
        media_key_id=values["MEDIA_KEY_ID"],
        media_signing_key=values["MEDIA_SIGNING_KEY"],
        media_window_seconds=int(values["MEDIA_WINDOW_SECONDS"]),
        socket_url=values["SOCKET_URL"],
        push_queue_url=values["PUSH_QUEUE_URL"],
        flush_queue_url=values["FLUSH_QUEUE_URL"],
        socket_queue_url=values["SOCKET_QUEUE_URL"],
        log_queue_url=values["LOG_QUEUE_URL"],
        media_queue_url=values["MEDIA_QUEUE_URL"],
        media_bucket=values["MEDIA_BUCKET"],
        media_scanner=values["MEDIA_SCANNER"],
        consumer_queue_urls=dict(
            each.split("=", 1) for each in values["CONSUMER_QUEUE_URLS"].split()
        ),
        link_previews=values["LINK_PREVIEWS"] == "on",
        previews_queue_url=values["PREVIEWS_QUEUE_URL"],
        preview_fetch_queue_url=values["PREVIEW_FETCH_QUEUE_URL"],
        delivery_queue_url=values["DELIVERY_QUEUE_URL"],
        web_push_queue_url=values["WEB_PUSH_QUEUE_URL"],
        push_contact=values["PUSH_CONTACT"],
        phone_push_queue_url=values["PHONE_PUSH_QUEUE_URL"],
        apns_secret=values["APNS_SECRET"],
        fcm_secret=values["FCM_SECRET"],
        mail_queue_url=values["MAIL_QUEUE_URL"],
        mail_from=values["MAIL_FROM"],
        mail_configuration_set=values["MAIL_CONFIGURATION_SET"],
        api_url=values["API_URL"],
        heartbeat_seconds=int(values["HEARTBEAT_SECONDS"]),
        socket_life_seconds=int(values["SOCKET_LIFE_SECONDS"]),
    )


def _lines(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _, value in pairs}


def local_cache_password() -> str | None:
    """Of the local cloud; no template sets it, since ElastiCache takes IAM tokens."""
    return os.environ.get("CGRAPH_CACHE_PASSWORD")


def rate_limits_are_off() -> bool:
    """For load tests on the local cloud; no template sets it."""
    return os.environ.get("CGRAPH_RATE_LIMITS") == "off"
