"""Settings: environment variables, read once, on first use."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the environment variable of the same name in capitals (see Globals in
    template.yaml).
    """

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
    mail_queue_url: str
    mail_from: str  # empty: no mail
    mail_configuration_set: str
    api_url: str  # for links in mails
    passkey_domain: str  # the relying party's id; empty: no passkeys
    passkey_origins: tuple[str, ...]  # of the pages that use them
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
    """Raises KeyError with the variable's name where one is not set."""
    return Settings(
        stage=os.environ["STAGE"],
        database_host=os.environ["DATABASE_HOST"],
        database_port=int(os.environ["DATABASE_PORT"]),
        database_reader_host=os.environ["DATABASE_READER_HOST"],
        database_reader_port=int(os.environ["DATABASE_READER_PORT"]),
        database_name=os.environ["DATABASE_NAME"],
        database_user=os.environ["DATABASE_USER"],
        database_owner=os.environ["DATABASE_OWNER"],
        database_operator=os.environ["DATABASE_OPERATOR"],
        database_auth=os.environ["DATABASE_AUTH"],
        cache_host=os.environ["CACHE_HOST"],
        cache_port=int(os.environ["CACHE_PORT"]),
        cache_name=os.environ["CACHE_NAME"],
        cache_user=os.environ["CACHE_USER"],
        cache_auth=os.environ["CACHE_AUTH"],
        opensearch_url=os.environ["OPENSEARCH_URL"],
        opensearch_auth=os.environ["OPENSEARCH_AUTH"],
        opensearch_prefix=os.environ["OPENSEARCH_PREFIX"],
        media_url=os.environ["MEDIA_URL"],
        media_key_id=os.environ["MEDIA_KEY_ID"],
        media_signing_key=os.environ["MEDIA_SIGNING_KEY"],
        media_window_seconds=int(os.environ["MEDIA_WINDOW_SECONDS"]),
        socket_url=os.environ["SOCKET_URL"],
        push_queue_url=os.environ["PUSH_QUEUE_URL"],
        flush_queue_url=os.environ["FLUSH_QUEUE_URL"],
        socket_queue_url=os.environ["SOCKET_QUEUE_URL"],
        log_queue_url=os.environ["LOG_QUEUE_URL"],
        media_queue_url=os.environ["MEDIA_QUEUE_URL"],
        media_bucket=os.environ["MEDIA_BUCKET"],
        media_scanner=os.environ["MEDIA_SCANNER"],
        consumer_queue_urls=dict(
            each.split("=", 1) for each in os.environ["CONSUMER_QUEUE_URLS"].split()
        ),
        link_previews=os.environ["LINK_PREVIEWS"] == "on",
        previews_queue_url=os.environ["PREVIEWS_QUEUE_URL"],
        preview_fetch_queue_url=os.environ["PREVIEW_FETCH_QUEUE_URL"],
        delivery_queue_url=os.environ["DELIVERY_QUEUE_URL"],
        web_push_queue_url=os.environ["WEB_PUSH_QUEUE_URL"],
        push_contact=os.environ["PUSH_CONTACT"],
        mail_queue_url=os.environ["MAIL_QUEUE_URL"],
        mail_from=os.environ["MAIL_FROM"],
        mail_configuration_set=os.environ["MAIL_CONFIGURATION_SET"],
        api_url=os.environ["API_URL"],
        passkey_domain=os.environ["PASSKEY_DOMAIN"],
        passkey_origins=tuple(os.environ["PASSKEY_ORIGINS"].split(",")),
        heartbeat_seconds=int(os.environ["HEARTBEAT_SECONDS"]),
        socket_life_seconds=int(os.environ["SOCKET_LIFE_SECONDS"]),
    )


def local_cache_password() -> str | None:
    """Of the local cloud; no template sets it, since ElastiCache takes IAM tokens."""
    return os.environ.get("CGRAPH_CACHE_PASSWORD")


def rate_limits_are_off() -> bool:
    """For load tests on the local cloud; no template sets it."""
    return os.environ.get("CGRAPH_RATE_LIMITS") == "off"
