-- What is suggested while somebody writes: always and only documents that the viewer may find.

-- Of each word's candidates, an array of arrays, the first that is in a document which the viewer may find; null if a word has none.
CREATE OR REPLACE FUNCTION visible_words(viewer jsonb, filters jsonb, candidates jsonb, last_is_begun boolean)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    last   integer := jsonb_array_length(candidates) - 1;
    chosen text;
    result text[] := '{}';
BEGIN
    FOR i IN 0 .. last LOOP
        chosen := NULL;
        SELECT c.word INTO chosen
        FROM jsonb_array_elements_text(candidates -> i) WITH ORDINALITY AS c (word, number)
        WHERE (SELECT f.hits <> '{}' FROM find_documents(
                   viewer, filters, wanted_words_query(ARRAY[c.word], '{}', last_is_begun AND i = last AND c.number = 1), NULL, NULL,
                   NULL, NULL, 1, 1, now()) f)
        ORDER BY c.number LIMIT 1;
        IF chosen IS NULL THEN
            RETURN NULL;
        END IF;
        result := result || chosen;
    END LOOP;
    RETURN result;
END $$;

-- The words of a title, folded and different.
CREATE OR REPLACE FUNCTION title_words(title text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY (
        SELECT DISTINCT each.word
        FROM (SELECT t.word, lag(t.word) OVER (ORDER BY t.number) AS word_before
              FROM string_to_table(search_text(title), ' ') WITH ORDINALITY AS t (word, number)) AS each
        WHERE each.word <> '' AND (each.word !~ '^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]$'
                                   OR each.word_before IS NULL OR each.word_before NOT LIKE '_' || each.word)
        LIMIT 24);
END $$;

-- Forums, users and posts that have a word in their titles for each of these that begins so; whole words count more.
CREATE OR REPLACE FUNCTION suggested_documents(
    viewer jsonb, filters jsonb, beginning text, now_at timestamptz, page_size integer, OUT types text[], OUT ids uuid[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    form  text;
    words text[];
    hits  search_hit[];
BEGIN
    FOR form IN SELECT DISTINCT each.form FROM unnest(ARRAY[beginning, spelt_out(beginning)]) AS each (form) LOOP
        words := title_words(form);
        CONTINUE WHEN words = '{}';
        hits := hits || (
            SELECT f.hits
            FROM find_documents(
                viewer,
                filters || jsonb_build_object('beginnings', (SELECT jsonb_agg(left(w.word, 12)) FROM unnest(words) AS w (word))),
                NULL, NULL, (SELECT string_agg(quote_literal(w.word), '|')::tsquery FROM unnest(words) AS w (word)), NULL, NULL,
                greatest(50, page_size), greatest(50, page_size), now_at) f);
    END LOOP;
    SELECT array_agg(best.type), array_agg(best.id) INTO types, ids
    FROM (SELECT h.type, h.id FROM unnest(hits) AS h GROUP BY h.type, h.id, h.created_at
          ORDER BY max(h.rank) DESC, h.created_at DESC, h.id LIMIT page_size) AS best;
END $$;

-- Posts that have one of the title's rarest words. A word counts the more, the rarer it is, and twice in a title.
CREATE OR REPLACE FUNCTION similar_posts(
    viewer jsonb, filters jsonb, title text, now_at timestamptz, page_size integer, OUT types text[], OUT ids uuid[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    stems   tsquery[];
    worths  integer[];
    hits    search_hit[];
BEGIN
    SELECT array_agg(each.stem ORDER BY each.worth DESC), array_agg(each.worth ORDER BY each.worth DESC) INTO stems, worths
    FROM (
        SELECT q.stem, 32 - coalesce(max(k.weight), 0) AS worth
        FROM unnest(title_words(concat_ws(' ', title, nullif(spelt_out(title), title)))) AS w (word),
             phraseto_tsquery('search_stems', w.word) AS q (stem)
        LEFT JOIN search_words k ON k.stem = trim(q.stem::text, '''')
        WHERE numnode(q.stem) = 1 AND NOT is_stop_word(w.word)
        GROUP BY q.stem
    ) AS each;
    IF stems IS NULL THEN
        RETURN;
    END IF;
    SELECT f.hits INTO hits
    FROM find_documents(viewer, filters, (SELECT string_agg(s.stem::text, '|')::tsquery FROM unnest(stems[:4]) AS s (stem)), NULL, NULL,
                        NULL, NULL, greatest(100, page_size), greatest(100, page_size), now_at) f;
    SELECT array_agg(best.type), array_agg(best.id) INTO types, ids
    FROM (
        SELECT d.type, d.id
        FROM unnest(hits) AS h JOIN search_documents d ON d.id = h.id AND d.type = h.type,
             LATERAL (SELECT sum(s.worth * CASE WHEN d.words @@ (s.stem::text || ':A')::tsquery THEN 2
                                                WHEN d.words @@ s.stem THEN 1 ELSE 0 END) AS worth
                      FROM unnest(stems, worths) AS s (stem, worth)) AS all_words
        ORDER BY all_words.worth DESC, h.rank DESC, d.created_at DESC, d.id
        LIMIT page_size
    ) AS best;
END $$;
