-- What somebody searches, as a query of words.

-- The most frequent words that begin so, at most 40; of one letter, which hardly says anything, at most 12.
CREATE OR REPLACE FUNCTION search_completions(beginning text) RETURNS TABLE (word text, stem text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF length(beginning) = 1 THEN
        RETURN QUERY SELECT w.word, w.stem FROM search_words w
                     WHERE left(w.word, 1) = beginning ORDER BY w.weight DESC, w.word LIMIT 12;
    ELSIF length(beginning) = 2 THEN
        RETURN QUERY SELECT w.word, w.stem FROM search_words w
                     WHERE left(w.word, 2) = beginning ORDER BY w.weight DESC, w.word LIMIT 40;
    ELSIF length(beginning) = 3 THEN
        RETURN QUERY SELECT w.word, w.stem FROM search_words w
                     WHERE left(w.word, 3) = beginning ORDER BY w.weight DESC, w.word LIMIT 40;
    ELSE
        RETURN QUERY SELECT w.word, w.stem FROM (
                         SELECT k.word, k.stem, k.weight FROM search_words k
                         WHERE k.word >= beginning AND k.word < beginning || chr(1114111) ORDER BY k.word LIMIT 1000
                     ) AS w ORDER BY w.weight DESC, w.word LIMIT 40;
    END IF;
END $$;

-- The word, and the most frequent ones that begin so.
CREATE OR REPLACE FUNCTION begun_word_query(beginning text) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
    stems tsquery := (SELECT string_agg(quote_literal(each.stem), '|')::tsquery
                      FROM (SELECT DISTINCT c.stem FROM search_completions(beginning) c) AS each);
    whole tsquery := phraseto_tsquery('search_stems', beginning);
BEGIN
    RETURN CASE WHEN stems IS NULL THEN whole WHEN numnode(whole) = 0 THEN stems ELSE stems || whole END;
END $$;

-- A word as somebody writes it, or a phrase: its words follow each other. With `is_begun` the last of them may be the beginning
-- of one. Null if there is no word in it.
CREATE OR REPLACE FUNCTION phrase_query(content text, is_begun boolean) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
    words  text[] := array_remove(string_to_array(search_text(content), ' '), '');
    spelt  text[] := array_remove(string_to_array(search_text(spelt_out(content)), ' '), '');
    part   tsquery;
    result tsquery;
    distance integer := 1;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(words), 0) LOOP
        IF words[i] ~ '^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]$' THEN
            IF i > 1 AND words[i - 1] LIKE '_' || words[i] THEN -- the end of a run of pairs, which is a word in the index
                distance := distance + 1;
                CONTINUE;
            END IF;
            part := begun_word_query(words[i]);
        ELSIF is_begun AND i = cardinality(words) THEN
            part := begun_word_query(words[i]);
            IF spelt[i] <> words[i] THEN
                part := part || begun_word_query(spelt[i]);
            END IF;
        ELSE
            part := phraseto_tsquery('search_stems', words[i]);
            IF spelt[i] <> words[i] THEN
                part := part || phraseto_tsquery('search_stems', spelt[i]);
            END IF;
        END IF;
        CONTINUE WHEN numnode(part) = 0;
        result := CASE WHEN result IS NULL THEN part ELSE tsquery_phrase(result, part, distance) END;
        distance := 1;
    END LOOP;
    RETURN result;
END $$;

-- Whether the word is one of those that nearly every English text has.
CREATE OR REPLACE FUNCTION is_stop_word(word text) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(ts_lexize('english_stem', trim(search_text(word))) = '{}', false);

-- Null if there is nothing that must be found. Stop words count only where there is nothing else.
CREATE OR REPLACE FUNCTION wanted_words_query(words text[], phrases text[], last_is_begun boolean)
RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
    each    text;
    part    tsquery;
    result  tsquery;
    stopped tsquery;
BEGIN
    FOREACH each IN ARRAY phrases LOOP
        part := phrase_query(each, false);
        result := coalesce(result && part, part, result);
    END LOOP;
    FOR i IN 1 .. cardinality(words) LOOP
        part := phrase_query(words[i], last_is_begun AND i = cardinality(words));
        IF is_stop_word(words[i]) THEN
            stopped := coalesce(stopped && part, part, stopped);
        ELSE
            result := coalesce(result && part, part, result);
        END IF;
    END LOOP;
    RETURN coalesce(result, stopped);
END $$;

-- Any of these words and phrases; null if there are none.
CREATE OR REPLACE FUNCTION unwanted_words_query(excluded text[]) RETURNS tsquery LANGUAGE plpgsql STABLE AS $$
DECLARE
    each   text;
    part   tsquery;
    result tsquery;
BEGIN
    FOREACH each IN ARRAY excluded LOOP
        part := phrase_query(each, false);
        result := coalesce(result || part, part, result);
    END LOOP;
    RETURN result;
END $$;

-- Words that are like each of these, which are as search_text() makes them, and may be what was meant; the most frequent first.
CREATE OR REPLACE FUNCTION similar_words(words text[]) RETURNS TABLE (misspelt text, word text, weight integer)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT m.word, s.word, s.weight::integer
    FROM unnest(words) AS m (word),
         LATERAL (
             SELECT w.word, w.weight FROM search_words w
             WHERE w.misspellings && (
                       SELECT array_agg(DISTINCT key)
                       FROM unnest(CASE WHEN length(m.word) > 20 THEN ARRAY[m.word] ELSE m.word || words_without_a_letter(m.word) END)
                                AS near,
                            unnest(misspelling_keys(near)) AS key)
               AND w.word <> m.word AND abs(length(w.word) - length(m.word)) <= 2
             ORDER BY w.weight DESC, w.word LIMIT 200
         ) AS s;
END $$;

-- Of words that follow each other in a search, without the stop words between them, which documents have them close to each other:
-- at most two words between them, or exchanged. Of the first eight words.
CREATE OR REPLACE FUNCTION neighbour_queries(words text[]) RETURNS tsquery[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    each   text;
    part   tsquery;
    before tsquery;
    result tsquery[] := '{}';
BEGIN
    IF cardinality(words) < 2 THEN
        RETURN result;
    END IF;
    FOREACH each IN ARRAY words[:8] LOOP
        CONTINUE WHEN is_stop_word(each);
        part := phrase_query(each, false);
        CONTINUE WHEN part IS NULL;
        IF before IS NOT NULL THEN
            result := result || (tsquery_phrase(before, part) || tsquery_phrase(before, part, 2) || tsquery_phrase(before, part, 3)
                                 || tsquery_phrase(part, before));
        END IF;
        before := part;
    END LOOP;
    RETURN result;
END $$;
