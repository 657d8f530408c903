-- The search itself: it goes through the slices from the newest one until it has enough, so its work does not grow with the table.

-- Whether the viewer may find a document, by what the index says. The objects have ids as their names; `conversations` has the
-- number above which a member sees messages.
CREATE OR REPLACE FUNCTION may_find(
    type text, place_id uuid, seq bigint, is_public boolean, seen_by uuid, author_id uuid, viewer_id uuid, conversations jsonb,
    readable_forums jsonb, moderated_forums jsonb, banned_from jsonb, hidden_authors jsonb
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
               WHEN type = 'message' THEN coalesce(seq > (conversations ->> place_id::text)::bigint, false)
               WHEN place_id IS NULL THEN true
               ELSE (is_public OR readable_forums ? place_id::text) AND NOT banned_from ? place_id::text
                    AND (seen_by IS NULL OR seen_by = viewer_id OR moderated_forums ? place_id::text)
           END AND (author_id IS NULL OR NOT hidden_authors ? author_id::text);

-- Keys that each document has which the filters let through.
CREATE OR REPLACE FUNCTION required_keys(filters jsonb) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    keys bigint[] := '{}';
    kind text;
    name text;
BEGIN
    FOR name, kind IN VALUES ('types', 'type'), ('places', 'place'), ('authors', 'author'), ('features', 'has'), ('tags', 'tag') LOOP
        IF jsonb_array_length(filters -> name) = 1 THEN
            keys := keys || search_key(kind, filters -> name ->> 0);
        END IF;
    END LOOP;
    IF filters ->> 'post_id' IS NOT NULL THEN
        keys := keys || search_key('post', filters ->> 'post_id');
    END IF;
    IF filters ->> 'is_answered' IS NOT NULL THEN
        keys := keys || search_key('answered', filters ->> 'is_answered');
    END IF;
    RETURN keys || ARRAY (SELECT search_key('begin', each.word)
                          FROM jsonb_array_elements_text(filters -> 'beginnings') AS each (word));
END $$;

-- Keys of which each document has one that the filters let through; null if there is no such filter.
CREATE OR REPLACE FUNCTION alternative_keys(filters jsonb) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    kind text;
    name text;
BEGIN
    FOR name, kind IN VALUES ('places', 'place'), ('authors', 'author'), ('tags', 'tag'), ('features', 'has') LOOP
        IF jsonb_array_length(filters -> name) > 1 THEN
            RETURN ARRAY (SELECT search_key(kind, each.value)
                          FROM jsonb_array_elements_text(filters -> name) AS each (value));
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Keys of which each document has one that the viewer may find.
CREATE OR REPLACE FUNCTION viewer_keys(viewer jsonb, filters jsonb) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN filters -> 'types' = '["message"]' THEN '{}' ELSE ARRAY[search_key('is', 'public')] END
        || ARRAY (SELECT search_key('place', c.id) FROM jsonb_object_keys(viewer -> 'conversations') AS c (id))
        || ARRAY (SELECT search_key('place', f.id) FROM jsonb_object_keys(viewer -> 'readable_forums') AS f (id));
END $$;

-- A hit's rank is that of its words, times 1 for an old document without votes, up to about 3.
CREATE OR REPLACE FUNCTION search_rank(words_rank real, score integer, is_accepted boolean, is_answered boolean, age interval)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (words_rank + 0.0001) * (
        0.7 + CASE WHEN score >= 0 THEN 0.3 + 0.1 * ln(1 + score::double precision) ELSE 0 END
        + 0.5 * power(0.5, least(greatest(extract(epoch FROM age)::double precision, 0) / (180 * 86400), 60))
        + CASE WHEN is_accepted THEN 0.3 ELSE 0 END + CASE WHEN is_answered THEN 0.1 ELSE 0 END);

-- About 2^`weight` documents have the rarest of the words that each must have; the newest of these are probably in or near the slice
-- `newest`. Of alternatives, the most frequent one counts.
CREATE OR REPLACE FUNCTION search_frequency(wanted tsquery, OUT weight integer, OUT newest bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT min(part.weight), min(part.newest) INTO weight, newest
    FROM (
        SELECT CASE WHEN p.part LIKE '%|%' THEN max(most.weight) ELSE min(most.weight) END AS weight,
               CASE WHEN p.part LIKE '%|%' THEN max(most.newest) ELSE min(most.newest) END AS newest
        FROM string_to_table(wanted::text, ' & ') WITH ORDINALITY AS p (part, number),
             regexp_matches(p.part, '''([^'']+)''', 'g') AS stem (match),
             LATERAL (SELECT coalesce(max(w.weight), 0) AS weight, coalesce(max(w.newest), 0) AS newest
                      FROM search_words w WHERE w.stem = stem.match[1]) AS most
        GROUP BY p.number, p.part
    ) AS part;
END $$;

-- The highest level of slice_key(), at most `level`, at which a look is likely to find so few documents that it is not repeated below:
-- the index collects all of them before it returns the first. As if a word were in all of the slices alike.
CREATE OR REPLACE FUNCTION allowed_level(level integer, weight integer, newest_slice bigint) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    allowed integer := level;
BEGIN
    WHILE allowed > 2 AND 2.0 ^ weight * CASE allowed WHEN 5 THEN 1
                                         ELSE least(8.0 ^ (allowed - 1) / (newest_slice / 1048576 + 1), 1) END > 384 LOOP
        allowed := allowed - 1;
    END LOOP;
    RETURN allowed;
END $$;

-- Whether a document in the slices from `at_slice` down to the first of a level-2 block, `lowest`, has the words: one look at the largest
-- blocks that are in between.
CREATE OR REPLACE FUNCTION is_any_between(wanted tsquery, at_slice bigint, lowest bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    number bigint := at_slice;
    level  integer;
    blocks bigint[] := '{}';
BEGIN
    WHILE number >= lowest LOOP
        level := CASE WHEN slice_floor(number, 4) >= lowest THEN 4 WHEN slice_floor(number, 3) >= lowest THEN 3 ELSE 2 END;
        blocks := blocks || slice_key(number, level);
        number := slice_floor(number, level) - 1;
    END LOOP;
    RETURN EXISTS (SELECT FROM search_documents d WHERE d.keys && blocks AND d.words @@ wanted AND d.slice + 0 <= at_slice);
END $$;

-- The newest documents that match and that the viewer may find, before (`before_at`, `before_id`) if that is not null: at most about
-- `enough`, and not many more than `few` where much had to be read for them. All from `searched_from` on have been looked at; null
-- if there are no others.
--
-- The levels of slice_key() are chosen by how much the last look found. A look that finds more than it may is repeated a level
-- below, and its block is not looked at as a whole again. If the viewer may find little of what matches, the index selects their
-- places too; for a thousand of them that alone takes some milliseconds. `slice + 0` is compared, or Postgres would also read all
-- older slices from the index of slices. A frequent word that only old documents have is looked for where the newest of them are
-- (search_words.newest), if it is nowhere above.
CREATE OR REPLACE FUNCTION find_documents(
    viewer jsonb, filters jsonb, wanted tsquery, unwanted tsquery, ranking tsquery, before_at timestamptz, before_id uuid,
    enough integer, few integer, now_at timestamptz, OUT hits search_hit[], OUT searched_from timestamptz
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    viewer_id         constant uuid := viewer ->> 'id';
    conversations     constant jsonb := viewer -> 'conversations';
    readable_forums   constant jsonb := viewer -> 'readable_forums';
    moderated_forums  constant jsonb := viewer -> 'moderated_forums';
    banned_from       constant jsonb := viewer -> 'banned_from';
    hidden_authors    constant jsonb := viewer -> 'hidden_authors';
    wanted_types      constant text[] := ARRAY (SELECT jsonb_array_elements_text(filters -> 'types'));
    wanted_features   constant text[] := ARRAY (SELECT jsonb_array_elements_text(filters -> 'features'));
    wanted_tags       constant text[] := ARRAY (SELECT jsonb_array_elements_text(filters -> 'tags'));
    places            constant jsonb := (SELECT jsonb_object_agg(p.id, 1) FROM jsonb_array_elements_text(filters -> 'places') AS p (id));
    authors           constant jsonb := filters -> 'authors';
    excluded_authors  constant jsonb := filters -> 'excluded_authors';
    before            constant timestamptz := filters ->> 'before';
    after             constant timestamptz := filters ->> 'after';
    required          constant bigint[] := required_keys(filters);
    oldest            constant bigint := coalesce(slice_at(after), 0);
    alternatives      bigint[];
    later             bigint[];
    at_slice          bigint := slice_at(coalesce(least(before, before_at), 'infinity'));
    key               bigint;
    selected          bigint[];
    by_words_alone    boolean;
    level             integer := 1;
    looks             integer := 0;
    examined          integer := 0;
    pages             integer := 0; -- of hits that are far from each other each has its own
    number            integer;
    lowest            bigint;
    ceiling           integer := 5;
    newest_slice      constant bigint := slice_at('infinity');
    weight            integer;
    newest            bigint;
    dense_until       bigint := 0;
    at_most           integer;
    found             search_hit[];
BEGIN
    hits := '{}';
    later := coalesce(alternative_keys(filters), CASE WHEN places IS NULL THEN viewer_keys(viewer, filters) END);
    IF cardinality(later) <= 64 THEN
        alternatives := later;
    END IF;
    LOOP
        looks := looks + 1;
        key := slice_key(at_slice, level);
        selected := CASE WHEN level < 5 OR required = '{}' THEN required || key ELSE required END;
        by_words_alone := level = 5 AND required = '{}' AND alternatives IS NULL AND wanted IS NOT NULL;
        at_most := CASE level WHEN 1 THEN 1000000 WHEN 2 THEN 2048 WHEN 3 THEN 512 ELSE 256 END;
        SELECT count(*),
               array_agg(ROW (h.type, h.id, h.created_at, h.place_id, h.author_id, h.tags, CASE WHEN ranking IS NULL THEN
                              search_rank(0, h.score, h.is_accepted, h.is_answered, now_at - h.created_at) ELSE search_rank(
                              ts_rank('{0.1,0.1,0.2,0.6}', h.words, ranking, 1), h.score, h.is_accepted, h.is_answered,
                              now_at - h.created_at) END)::search_hit)
               FILTER (WHERE (wanted_types = '{}' OR h.type = ANY (wanted_types))
                         AND (before_at IS NULL OR (h.created_at, h.id) < (before_at, before_id))
                         AND (before IS NULL OR h.created_at < before) AND (after IS NULL OR h.created_at >= after)
                         AND (places IS NULL OR places ? h.place_id::text) AND (unwanted IS NULL OR NOT h.words @@ unwanted)
                         AND (authors = '[]' OR authors ? h.author_id::text)
                         AND (excluded_authors = '[]' OR h.author_id IS NULL OR NOT excluded_authors ? h.author_id::text)
                         AND (wanted_features = '{}' OR h.features && wanted_features) AND (wanted_tags = '{}' OR h.tags && wanted_tags)
                         AND may_find(h.type, h.place_id, h.seq, h.is_public, h.seen_by, h.author_id, viewer_id, conversations,
                                      readable_forums, moderated_forums, banned_from, hidden_authors))
        INTO number, found
        FROM ((SELECT d.* FROM search_documents d
               WHERE by_words_alone AND d.words @@ wanted AND d.slice + 0 <= at_slice
               LIMIT at_most)
              UNION ALL
              (SELECT d.* FROM search_documents d
               WHERE wanted IS NOT NULL AND alternatives IS NULL AND NOT by_words_alone AND d.keys @> selected AND d.words @@ wanted
                 AND d.slice + 0 <= at_slice
               LIMIT at_most)
              UNION ALL
              (SELECT d.* FROM search_documents d
               WHERE wanted IS NOT NULL AND alternatives IS NOT NULL AND d.keys @> selected AND d.keys && alternatives
                 AND d.words @@ wanted AND d.slice + 0 <= at_slice
               LIMIT at_most)
              UNION ALL
              (SELECT d.* FROM search_documents d
               WHERE wanted IS NULL AND d.keys @> selected AND d.keys && coalesce(alternatives, selected) AND d.slice + 0 <= at_slice
               LIMIT at_most)) AS h;
        lowest := slice_floor(at_slice, level);
        IF number = at_most AND level > 1 THEN
            level := level - 1;
            ceiling := level;
            dense_until := lowest;
            CONTINUE;
        END IF;
        hits := hits || found;
        examined := examined + number;
        pages := pages + number * least(level, 4);
        at_slice := (SELECT max(s.number) FROM search_slices s WHERE s.number < lowest);
        EXIT WHEN at_slice IS NULL OR at_slice < oldest;
        IF cardinality(hits) >= enough OR pages >= 1000 AND cardinality(hits) >= few OR examined >= 20000 OR looks >= 150 THEN
            searched_from := (SELECT s.from_at FROM search_slices s WHERE s.number >= lowest ORDER BY s.number LIMIT 1);
            EXIT;
        END IF;
        IF at_slice < dense_until THEN
            ceiling := ceiling + 1;
            dense_until := 0;
        END IF;
        IF weight IS NULL THEN
            SELECT coalesce(f.weight, 0), f.newest INTO weight, newest FROM search_frequency(wanted) f;
        END IF;
        level := allowed_level(least(CASE WHEN number = 0 THEN 5 WHEN number < 4 THEN level + 2 WHEN number < 32 THEN level + 1
                                          WHEN number > 256 THEN greatest(level - 1, 1) ELSE level END, ceiling),
                               weight, newest_slice);
        IF weight >= 9 AND looks = 1 THEN
            lowest := slice_floor(newest, 2) + (8 << 20);
            IF lowest <= at_slice AND NOT is_any_between(wanted, at_slice, lowest) THEN
                at_slice := (SELECT max(s.number) FROM search_slices s WHERE s.number < lowest);
                EXIT WHEN at_slice < oldest;
                level := 2;
            END IF;
        END IF;
        IF examined > 1500 AND cardinality(hits) * 20 < examined THEN
            alternatives := later;
        END IF;
    END LOOP;
END $$;
