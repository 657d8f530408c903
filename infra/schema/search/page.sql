-- A page of what a search has found.

-- The commonest values of the hits, as [value, number of hits] of each of `facets`.
CREATE OR REPLACE FUNCTION hit_facets(hits search_hit[], facets text[]) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(facet.name, coalesce(counted.counts, '[]'))
        FROM unnest(facets) AS facet (name),
             LATERAL (
                 SELECT jsonb_agg(jsonb_build_array(best.value, best.number) ORDER BY best.number DESC, best.value) AS counts
                 FROM (SELECT each.value, count(*) AS number
                       FROM unnest(hits) AS h,
                            unnest(CASE facet.name WHEN 'type' THEN ARRAY[h.type] WHEN 'place' THEN ARRAY[h.place_id::text]
                                                   WHEN 'author' THEN ARRAY[h.author_id::text] ELSE h.tags END) AS each (value)
                       WHERE each.value IS NOT NULL
                       GROUP BY each.value ORDER BY number DESC, each.value LIMIT 10) AS best
             ) AS counted);
END $$;

-- The best hits again, which count up to 1.3 times as much if words that are neighbours in the query are close in the document.
CREATE OR REPLACE FUNCTION rank_neighbours(hits search_hit[], neighbours tsquery[]) RETURNS search_hit[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH hit AS MATERIALIZED (
            SELECT h.*, row_number() OVER (ORDER BY h.rank DESC, h.created_at DESC, h.id DESC) AS number FROM unnest(hits) AS h
        )
        SELECT array_agg(ROW (h.type, h.id, h.created_at, h.place_id, h.author_id, h.tags, h.rank * (1 + 0.3 * coalesce(
                              close.number::double precision / cardinality(neighbours), 0)))::search_hit)
        FROM hit AS h
        LEFT JOIN LATERAL (SELECT count(*) AS number
                           FROM search_documents d, unnest(neighbours) AS pair
                           WHERE h.number <= 100 AND d.id = h.id AND d.type = h.type AND d.words @@ pair) AS close ON true);
END $$;

-- One page of a search. `sort`: relevance or newest. The page begins after the hit (`after_rank`, `after_at`, `after_id`), if these
-- are not null; where the newest come first, `total` and `counts` are then those from there on. By relevance the documents before
-- `before_at` are ranked; the ones before `searched_from` are for further pages.
CREATE OR REPLACE FUNCTION search_page(
    viewer jsonb, filters jsonb, words text[], phrases text[], excluded text[], last_is_begun boolean, some_of_all boolean,
    sort text, facets text[], after_rank double precision, after_at timestamptz, after_id uuid, before_at timestamptz,
    now_at timestamptz, page_size integer, enough integer, OUT types text[], OUT ids uuid[], OUT ranks double precision[],
    OUT times timestamptz[], OUT total integer, OUT searched_from timestamptz, OUT counts jsonb
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    wanted    tsquery := wanted_words_query(words, phrases, last_is_begun);
    is_newest boolean := sort = 'newest';
    neighbours tsquery[];
    hits      search_hit[];
BEGIN
    IF some_of_all THEN
        hits := coalesce(find_some_words(viewer, filters, words, phrases, excluded, last_is_begun, now_at), '{}');
    ELSE
        SELECT f.hits, f.searched_from INTO hits, searched_from
        FROM find_documents(viewer, filters, wanted, unwanted_words_query(excluded), CASE WHEN NOT is_newest THEN wanted END,
                            CASE WHEN is_newest THEN after_at ELSE before_at END,
                            CASE WHEN is_newest THEN after_id ELSE '00000000-0000-0000-0000-000000000000' END,
                            enough, greatest(page_size, 50), now_at) f;
        neighbours := CASE WHEN NOT is_newest AND cardinality(hits) > 1 THEN neighbour_queries(words) END;
        IF cardinality(neighbours) > 0 THEN
            hits := rank_neighbours(hits, neighbours);
        END IF;
    END IF;
    total := cardinality(hits);
    SELECT array_agg(h.type), array_agg(h.id), array_agg(h.rank), array_agg(h.created_at) INTO types, ids, ranks, times
    FROM (
        SELECT * FROM unnest(hits) AS h
        WHERE is_newest OR after_rank IS NULL OR (h.rank, h.created_at, h.id) < (after_rank, after_at, after_id)
        ORDER BY CASE WHEN NOT is_newest THEN h.rank END DESC, h.created_at DESC, h.id DESC
        LIMIT page_size
    ) AS h;
    counts := hit_facets(hits, facets);
END $$;
