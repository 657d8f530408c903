-- How far the readers are behind.

-- In milliseconds, at most; NULL where it is not known. Everything that the primary committed before that is at the reader.
-- On Aurora it is the slowest of the readers, since RDS Proxy may send each statement to another one; a node that has not
-- reported for a minute has gone. The row of the reader that is asked has no time: it is of now.
CREATE OR REPLACE FUNCTION reader_lag_ms() RETURNS double precision LANGUAGE plpgsql STABLE AS $$
DECLARE
    lag_ms double precision;
BEGIN
    IF to_regproc('aurora_replica_status') IS NULL THEN
        RETURN streaming_lag_ms();
    END IF;
    EXECUTE $query$
        SELECT max(replica_lag_in_msec
                   + coalesce(extract(epoch FROM clock_timestamp() - last_update_timestamp) * 1000, 0))
        FROM aurora_replica_status()
        WHERE session_id <> 'MASTER_SESSION_ID'
          AND coalesce(last_update_timestamp, clock_timestamp()) > clock_timestamp() - interval '1 minute'
    $query$ INTO lag_ms;
    RETURN lag_ms;
END
$$;

-- Of streaming replication, which the local cloud uses. What has been replayed is as new as the last commit in it; if all is
-- replayed that the primary had when it last sent something, it is as new as that. The primary itself is not behind.
CREATE OR REPLACE FUNCTION streaming_lag_ms() RETURNS double precision LANGUAGE sql STABLE
    RETURN CASE WHEN pg_is_in_recovery()
        THEN extract(epoch FROM clock_timestamp() - greatest(
            pg_last_xact_replay_timestamp(),
            (SELECT last_msg_send_time FROM pg_stat_wal_receiver WHERE pg_last_wal_replay_lsn() >= latest_end_lsn))) * 1000
        ELSE 0 END;
