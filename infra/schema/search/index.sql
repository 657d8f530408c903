-- Writes of search_documents.

-- The first number of a slice (level 1), of the 8 slices around it (level 2), of 64, of 512, or of all (level 5).
CREATE OR REPLACE FUNCTION slice_floor(slice bigint, level integer) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE level WHEN 1 THEN slice WHEN 5 THEN 0 ELSE (slice >> (17 + 3 * level)) << (17 + 3 * level) END;

CREATE OR REPLACE FUNCTION slice_key(slice bigint, level integer) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN slice_floor(slice, level) * 8 + level;

-- What documents can be selected by in the index.
CREATE OR REPLACE FUNCTION search_document_keys(
    slice bigint, type text, place_id uuid, is_public boolean, author_id uuid, post_id uuid, tags text[], features text[],
    is_answered boolean
) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    keys bigint[] := ARRAY[slice_key(slice, 1), slice_key(slice, 2), slice_key(slice, 3), slice_key(slice, 4), slice_key(slice, 5),
                           search_key('type', type)];
BEGIN
    IF place_id IS NOT NULL THEN
        keys := keys || search_key('place', place_id::text);
    END IF;
    IF author_id IS NOT NULL THEN
        keys := keys || search_key('author', author_id::text);
    END IF;
    IF post_id IS NOT NULL THEN
        keys := keys || search_key('post', post_id::text);
    END IF;
    IF is_public OR place_id IS NULL THEN
        keys := keys || search_key('is', 'public');
    END IF;
    IF type = 'post' THEN
        keys := keys || search_key('answered', is_answered::text);
    END IF;
    IF tags <> '{}' OR features <> '{}' THEN
        keys := keys || ARRAY (SELECT search_key('tag', tag) FROM unnest(tags) AS tag)
                     || ARRAY (SELECT search_key('has', feature) FROM unnest(features) AS feature);
    END IF;
    RETURN keys;
END $$;

-- The beginnings of the first words of a title, for suggestions while somebody writes.
CREATE OR REPLACE FUNCTION title_keys(type text, folded_title text) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF type NOT IN ('forum', 'user', 'post') THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY (
        SELECT DISTINCT search_key('begin', left(word, size))
        FROM (SELECT word FROM regexp_split_to_table(trim(folded_title), ' +') AS word LIMIT 16) AS words,
             generate_series(1, least(length(word), 12)) AS size);
END $$;

-- The stems of both, as search_text() and search_forms() make them, with a gap between them: no phrase goes on from the title to the body.
CREATE OR REPLACE FUNCTION document_words(folded_title text, title_forms text, folded_body text, body_forms text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF folded_title = '' THEN
        RETURN setweight(stems_with_forms(folded_body, body_forms), 'B');
    END IF;
    RETURN ts_delete(setweight(stems_with_forms(folded_title, title_forms), 'A') || '''-'':1'::tsvector
                     || setweight(stems_with_forms(folded_body, body_forms), 'B'), '-');
END $$;

CREATE OR REPLACE FUNCTION slice_at(created_at timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT s.number FROM search_slices s WHERE s.from_at <= created_at ORDER BY s.from_at DESC LIMIT 1);
END $$;

-- Writes documents, an array of objects with the columns' names, `title` and `body`; and deletes others, which were not there at
-- `version`. What was read later is not overwritten.
CREATE OR REPLACE FUNCTION write_search_documents(
    documents jsonb, deleted_types text[], deleted_ids uuid[], version bigint
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words     text[];
    numbers   integer[];
    slices    bigint[];
    old_stems text[];
BEGIN
    WITH given AS MATERIALIZED (
        SELECT g.*, slice_at(g.created_at) AS slice, search_text(g.title) AS folded_title, search_text(g.body) AS folded_body,
               search_forms(g.title) AS title_forms, search_forms(g.body) AS body_forms
        FROM jsonb_to_recordset(documents) AS g (
            id uuid, type text, place_id uuid, is_public boolean, seen_by uuid, seq bigint, author_id uuid, post_id uuid,
            title text, body text, tags text[], features text[], score integer, is_answered boolean, is_accepted boolean,
            created_at timestamptz, version bigint)
    ), written AS (
        INSERT INTO search_documents AS d (id, type, slice, created_at, version, seq, score, is_public, is_answered, is_accepted,
                                           place_id, seen_by, author_id, post_id, deleted_at, tags, features, keys, words)
        SELECT g.id, g.type, g.slice, g.created_at, g.version, g.seq, g.score, g.is_public, g.is_answered, g.is_accepted,
               g.place_id, g.seen_by, g.author_id, g.post_id, NULL, g.tags, g.features,
               search_document_keys(g.slice, g.type, g.place_id, g.is_public, g.author_id, g.post_id, g.tags, g.features,
                                    g.is_answered) || title_keys(g.type, coalesce(translate(g.title_forms, E'\x1f', ' '), g.folded_title)),
               document_words(g.folded_title, g.title_forms, g.folded_body, g.body_forms)
        FROM given g ORDER BY g.id, g.type
        ON CONFLICT ON CONSTRAINT search_documents_pkey DO UPDATE
        SET (slice, created_at, version, seq, score, is_public, is_answered, is_accepted, place_id, seen_by, author_id, post_id,
             deleted_at, tags, features, keys, words)
            = (excluded.slice, excluded.created_at, excluded.version, excluded.seq, excluded.score, excluded.is_public,
               excluded.is_answered, excluded.is_accepted, excluded.place_id, excluded.seen_by, excluded.author_id,
               excluded.post_id, NULL, excluded.tags, excluded.features, excluded.keys, excluded.words)
        WHERE d.version <= excluded.version
        RETURNING new.id, new.type, new.slice, old.id IS NULL AS is_new, old.words AS old_words, new.words AS new_words
    ), word AS (
        SELECT each.word, count(*) FILTER (WHERE w.is_new) AS number, max(w.slice) AS slice
        FROM written w JOIN given g ON g.id = w.id AND g.type = w.type,
             unnest(search_words_of(concat_ws(' ', coalesce(translate(g.title_forms, E'\x1f', ' '), g.folded_title),
                                          coalesce(translate(g.body_forms, E'\x1f', ' '), g.folded_body)))) AS each (word)
        WHERE w.old_words IS DISTINCT FROM w.new_words AND is_search_word(each.word)
        GROUP BY each.word
    )
    SELECT (SELECT array_agg(word.word ORDER BY word.word) FROM word),
           (SELECT array_agg(word.number ORDER BY word.word) FROM word),
           (SELECT array_agg(word.slice ORDER BY word.word) FROM word),
           (SELECT array_agg(stem) FROM written w, unnest(tsvector_to_array(w.old_words)) AS stem
            WHERE w.old_words <> w.new_words AND stem <> ALL (tsvector_to_array(w.new_words)))
    INTO words, numbers, slices, old_stems;
    PERFORM count_search_words(words, numbers, slices);
    IF cardinality(deleted_ids) > 0 THEN
        old_stems := old_stems || delete_search_documents(deleted_types, deleted_ids, version);
    END IF;
    PERFORM forget_search_words(old_stems);
    IF random() * 64 < jsonb_array_length(documents) THEN
        PERFORM open_search_slice();
        PERFORM split_search_slice(slice_at((documents -> floor(random() * jsonb_array_length(documents))::integer
                                             ->> 'created_at')::timestamptz));
    END IF;
END $$;

-- Returns the stems that the documents had.
CREATE OR REPLACE FUNCTION delete_search_documents(types text[], ids uuid[], version bigint)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    stems text[];
BEGIN
    WITH deleted AS (
        INSERT INTO search_documents AS d (id, type, slice, created_at, version, seq, score, is_public, is_answered, is_accepted,
                                           deleted_at, tags, features, keys, words)
        SELECT k.id, k.type, 0, now(), delete_search_documents.version, 0, 0, false, false, false, now(), '{}', '{}', '{}', ''
        FROM unnest(types, ids) AS k (type, id) ORDER BY k.id, k.type
        ON CONFLICT ON CONSTRAINT search_documents_pkey DO UPDATE
        SET (slice, version, deleted_at, place_id, seen_by, author_id, post_id, tags, features, keys, words)
            = (0, excluded.version, excluded.deleted_at, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '')
        WHERE d.version <= excluded.version AND d.deleted_at IS NULL
        RETURNING old.words
    )
    SELECT array_agg(stem) INTO stems FROM deleted d, unnest(tsvector_to_array(d.words)) AS stem;
    DELETE FROM search_documents d
    WHERE (d.id, d.type) IN (SELECT o.id, o.type FROM search_documents o WHERE o.deleted_at < now() - interval '1 hour'
                             ORDER BY o.deleted_at LIMIT 1000 FOR UPDATE SKIP LOCKED);
    RETURN stems;
END $$;

-- `numbers`: of new documents with each of the words, which are sorted and different. A word's weight rises by chance, the more
-- rarely the higher it is: so a frequent word is hardly ever written, and a row that somebody else is writing is left out.
-- `slices`: the newest one in which each of the words was written. Of a frequent word it is kept once in eight slices.
CREATE OR REPLACE FUNCTION count_search_words(words text[], numbers integer[], slices bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_words w SET (weight, newest) = (rising.weight, rising.newest)
    FROM (
        SELECT k.word, greatest(k.newest, g.slice) AS newest,
               CASE WHEN dice.rises THEN floor(log(2, (2.0 ^ k.weight + greatest(g.number, 2.0 ^ k.weight))::numeric))
                    ELSE k.weight END AS weight
        FROM unnest(words, numbers, slices) AS g (word, number, slice) JOIN search_words k ON k.word = g.word,
             LATERAL (SELECT random() < g.number / 2.0 ^ k.weight AS rises OFFSET 0) AS dice
        WHERE dice.rises OR k.weight >= 9 AND slice_floor(g.slice, 2) > k.newest
        ORDER BY k.word FOR UPDATE OF k SKIP LOCKED
    ) AS rising
    WHERE w.word = rising.word;
    INSERT INTO search_words (word, stem, weight, newest, misspellings)
    SELECT g.word, coalesce((ts_lexize('search_stem', g.word))[1], g.word), floor(log(2, greatest(g.number, 1)::numeric)), g.slice,
           misspelling_keys(g.word)
    FROM unnest(words, numbers, slices) AS g (word, number, slice)
    WHERE NOT EXISTS (SELECT FROM search_words k WHERE k.word = g.word)
    ORDER BY g.word
    ON CONFLICT DO NOTHING;
END $$;

-- Deletes the words of these stems that no document has any more. Stems of frequent words are left out.
CREATE OR REPLACE FUNCTION forget_search_words(stems text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_words w
    WHERE w.stem IN (
        SELECT k.stem FROM search_words k WHERE k.stem = ANY (stems) GROUP BY k.stem HAVING max(k.weight) <= 5
    ) AND NOT EXISTS (
        SELECT FROM search_documents d WHERE d.words @@ quote_literal(w.stem)::tsquery
    );
END $$;

-- Opens the next slice when the newest one is full. Documents that are being written at this moment are of its time.
CREATE OR REPLACE FUNCTION open_search_slice() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    newest bigint;
BEGIN
    SELECT s.number INTO newest FROM search_slices s ORDER BY s.from_at DESC LIMIT 1;
    IF (SELECT count(*) FROM (SELECT FROM search_documents d WHERE d.slice = newest LIMIT 2048) AS d) = 2048 THEN
        INSERT INTO search_slices (number, from_at)
        SELECT newest + (1 << 20), d.created_at + interval '10 seconds'
        FROM search_documents d WHERE d.slice = newest ORDER BY d.slice DESC, d.created_at DESC LIMIT 1
        ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- Moves the newer half of a slice that has become too large into a slice of its own: documents were not written in the order of their
-- time. Those that somebody else is writing stay where they are, and are found there. The newest slice is never split.
CREATE OR REPLACE FUNCTION split_search_slice(number bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    following bigint := (SELECT min(s.number) FROM search_slices s WHERE s.number > split_search_slice.number);
    middle    bigint := (split_search_slice.number + following) / 2;
    middle_at timestamptz;
BEGIN
    SELECT d.created_at INTO middle_at FROM search_documents d
    WHERE d.slice = split_search_slice.number ORDER BY d.slice, d.created_at OFFSET 4096 LIMIT 1;
    IF middle_at IS NULL OR middle IS NULL OR middle = split_search_slice.number
       OR NOT pg_try_advisory_xact_lock(hashtext('search_slices')) THEN
        RETURN;
    END IF;
    SELECT d.created_at INTO middle_at FROM search_documents d
    WHERE d.slice = split_search_slice.number ORDER BY d.slice, d.created_at OFFSET 2048 LIMIT 1;
    INSERT INTO search_slices (number, from_at) VALUES (middle, middle_at) ON CONFLICT DO NOTHING;
    UPDATE search_documents d
    SET slice = s.number,
        keys = ARRAY[slice_key(s.number, 1), slice_key(s.number, 2), slice_key(s.number, 3), slice_key(s.number, 4),
                     slice_key(s.number, 5)] || d.keys[6:]
    FROM search_slices s,
         LATERAL (SELECT o.id, o.type FROM search_documents o
                  WHERE o.slice = split_search_slice.number AND o.created_at >= s.from_at FOR UPDATE SKIP LOCKED) AS newer
    WHERE s.number = middle AND d.id = newer.id AND d.type = newer.type AND d.deleted_at IS NULL;
END $$;
