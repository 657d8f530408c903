-- A long query, of whose words some are enough (docs/decisions/0140-long-queries-are-relaxed.md).

-- The words of a query that are no stop words, the rarest first. A word that is twice as rare has 1 more `worth`; of a word with
-- signs in it, the rarest part decides.
CREATE OR REPLACE FUNCTION query_parts(words text[], last_is_begun boolean, OUT parts tsquery[], OUT worths double precision[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    all_documents constant double precision := greatest( -- as a weight; the table may not have been analyzed yet
        (SELECT log(2, greatest(c.reltuples, 1)::numeric) FROM pg_class c WHERE c.oid = 'search_documents'::regclass),
        (SELECT max(w.weight) FROM search_words w WHERE w.word IN ('the', 'a', 'to', 'of', 'and')));
BEGIN
    SELECT array_agg(each.part ORDER BY each.weight), array_agg(greatest(all_documents - each.weight, 0) + 0.5 ORDER BY each.weight)
    INTO parts, worths
    FROM (
        SELECT p.part, max(rarest.weight) AS weight
        FROM unnest(words) WITH ORDINALITY AS w (word, number),
             phrase_query(w.word, last_is_begun AND w.number = cardinality(words)) AS p (part),
             LATERAL (SELECT min(s.weight) AS weight
                      FROM (SELECT coalesce(max(k.weight), 0) AS weight
                            FROM unnest(tsvector_to_array(to_tsvector('search_stems', search_text(w.word)))) AS each (stem)
                            LEFT JOIN search_words k ON k.stem = each.stem GROUP BY each.stem) AS s) AS rarest
        WHERE p.part IS NOT NULL AND NOT is_stop_word(w.word)
        GROUP BY p.part
    ) AS each;
END $$;

-- Of each of the six rarest words the newest documents, and those with all words: so the work does not grow with the table. What
-- they have of the words, how often (each further time brings less) and how rare the words are, decides, and those with all
-- words come first.
CREATE OR REPLACE FUNCTION find_some_words(
    viewer jsonb, filters jsonb, words text[], phrases text[], excluded text[], last_is_begun boolean, now_at timestamptz
) RETURNS search_hit[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    required constant tsquery := wanted_words_query('{}', phrases, false);
    unwanted constant tsquery := unwanted_words_query(excluded);
    all_words constant tsquery := wanted_words_query(words, phrases, last_is_begun);
    number   integer;
    needed   integer;
    parts    tsquery[];
    worths   double precision[];
BEGIN
    SELECT q.parts, q.worths INTO parts, worths FROM query_parts(words, last_is_begun) q;
    number := coalesce(cardinality(parts), 0);
    needed := CASE WHEN number = 0 THEN 0 ELSE greatest(number / 3, 1) END;
    RETURN (
        WITH candidate AS MATERIALIZED (
            SELECT DISTINCT ON (h.type, h.id) h.*
            FROM (SELECT all_words AS query UNION ALL SELECT coalesce(required && part, part) FROM unnest(parts[:6]) AS part) AS each,
                 find_documents(viewer, filters, each.query, unwanted, NULL, NULL, NULL, 200, 100, now_at) AS found,
                 unnest(found.hits) AS h
        ), matched AS (
            SELECT c.*, m.number AS matches, m.worth / (4 + ln(1 + length(d.words))) AS worth
            FROM candidate c JOIN search_documents d ON d.id = c.id AND d.type = c.type,
                 LATERAL (SELECT count(*) AS number, sum(p.worth * ts_rank('{1,1,1,1}', d.words, p.part)) AS worth
                          FROM unnest(parts, worths) AS p (part, worth) WHERE d.words @@ p.part) AS m
        )
        SELECT array_agg(ROW (m.type, m.id, m.created_at, m.place_id, m.author_id, m.tags,
                              m.rank * 10000 * coalesce(m.worth, 1) + CASE WHEN m.matches = number THEN 1000 ELSE 0 END)::search_hit)
        FROM matched m WHERE m.matches >= needed);
END $$;
