-- What follows the log of events.

-- A consumer finds what is new by the transaction that wrote it. Transactions end in another order than they begin, so it
-- reads only below the oldest one that still runs: what is there is complete.
CREATE INDEX events_by_xid ON events (xid);

-- How far each shard of a consumer has read. `since`: it has done all events of the transactions below this one. While it does
-- those from `since` to below `until`, in the order of (stream_id, seq), the last two columns say which was the last.
CREATE TABLE consumers (
    name       text NOT NULL,
    shard      integer NOT NULL,
    shards     integer NOT NULL,
    since      xid8 NOT NULL DEFAULT '0',
    since_at   timestamptz NOT NULL DEFAULT 'epoch',
    until      xid8,
    until_at   timestamptz,
    stream_id  uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    seq        bigint NOT NULL DEFAULT 0,
    moved_at   timestamptz NOT NULL,
    PRIMARY KEY (name, shard)
);

-- Where a window may end beside "now": transactions below `xid` had all ended at `at`, and those from there on had not. So a
-- consumer that is far behind, or was rewound, has windows of some thousand events, and sorts no more than these for each batch.
CREATE TABLE log_cuts (
    xid xid8 PRIMARY KEY,
    at  timestamptz NOT NULL
);

-- Events on which a consumer failed, while the others went on. It tries each again at `retry_at`; null after the last try, when
-- it is set aside until an operator replays it. `number` is how an operator names it.
CREATE TABLE failed_events (
    consumer   text NOT NULL,
    shard      integer NOT NULL,
    stream_id  uuid NOT NULL,
    seq        bigint NOT NULL,
    created_at timestamptz NOT NULL,
    type       text NOT NULL,
    reason     text NOT NULL,
    tries      integer NOT NULL DEFAULT 1,
    retry_at   timestamptz,
    number     bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (consumer, stream_id, seq)
);
CREATE INDEX failed_events_to_retry ON failed_events (consumer, shard, retry_at) WHERE retry_at IS NOT NULL;
