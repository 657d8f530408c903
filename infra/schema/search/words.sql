-- Texts as words: what is indexed and what is searched is made by the same functions.

-- A text as words of letters and digits with spaces in between: in lower case, without accents and apostrophes; scripts
-- without spaces as pairs of characters (search_pairs), signs that are words as cgraph/search/signs.py spells them. unaccent() is
-- not immutable and knows no other scripts. Leaves the separator of search_forms().
CREATE OR REPLACE FUNCTION search_text(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    result text := content;
BEGIN
    IF octet_length(result) <> length(result) THEN
        result := regexp_replace(result, '[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]+', '', 'g');
        result := normalize(regexp_replace(normalize(result, NFKD), '[\u0300-\u036f]+', '', 'g'), NFKC);
        result := translate(lower(result COLLATE pg_c_utf8), '’ʼøłđħŧıð', '''''oldhtid');
        result := replace(replace(replace(replace(result, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
        result := search_pairs(search_emoji(search_signs(result)));
        result := regexp_replace(result, '''s?(?![[:alnum:]])|''', '', 'g');
        RETURN regexp_replace(result COLLATE pg_c_utf8, '[^[:alnum:]\x1f]+', ' ', 'g');
    END IF;
    result := search_signs(lower(result COLLATE pg_c_utf8));
    IF position('''' IN result) > 0 THEN
        result := regexp_replace(result, '''s?(?![[:alnum:]])|''', '', 'g');
    END IF;
    RETURN translate(result, E'!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~', repeat(' ', 31));
END $$;

-- What one letter and signs name, as c++ and c#, is a word too, after the letter; the elided articles of French are words of their own.
CREATE OR REPLACE FUNCTION search_signs(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    result text := content;
BEGIN
    IF position('''' IN result) > 0 THEN
        result := regexp_replace(result, '(?<![[:alnum:]])([ldjnsmtc]|qu)''(?=[aeiouyh])', '\1 ', 'g');
    END IF;
    IF position('++' IN result) > 0 THEN
        result := regexp_replace(result, '(?<![[:alnum:]])([a-z])\+\+(?![[:alpha:]+#])', '\1 \1plusplus ', 'g');
    END IF;
    IF position('#' IN result) > 0 THEN
        result := regexp_replace(result, '(?<![[:alnum:]])([a-z])#(?![[:alpha:]+#])', '\1 \1sharp ', 'g');
    END IF;
    RETURN result;
END $$;

-- Each emoji is a word of its own.
CREATE OR REPLACE FUNCTION search_emoji(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF content !~ '[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff]' THEN
        RETURN content;
    END IF;
    RETURN (
        SELECT string_agg(coalesce(' xq' || ascii(m.match[1]) || ' ', m.match[2]), '' ORDER BY m.number)
        FROM regexp_matches(
            content,
            '([\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff])'
            || '|([^\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff]+)', 'g'
        ) WITH ORDINALITY AS m (match, number));
END $$;

-- Chinese, Japanese and Korean, cut into overlapping pairs: 東京都 becomes 東京 京都 都. A word of two characters and more is then
-- its pairs, one after the other, and each character begins a word.
CREATE OR REPLACE FUNCTION search_pairs(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF content !~ '[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]' THEN
        RETURN content;
    END IF;
    RETURN (
        SELECT string_agg(
            CASE WHEN part.other IS NULL THEN
                (SELECT string_agg(substr(part.run, i, 2), ' ' ORDER BY i) FROM generate_series(1, length(part.run)) AS i)
            ELSE part.other END, ' ' ORDER BY part.number)
        FROM (
            SELECT m.match[1] AS run, m.match[2] AS other, m.number
            FROM regexp_matches(
                content,
                '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+)'
                || '|([^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+)', 'g'
            ) WITH ORDINALITY AS m (match, number)
        ) AS part);
END $$;

-- The different words of a text that search_text() has made, not stemmed.
CREATE OR REPLACE FUNCTION search_words_of(content text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN tsvector_to_array(to_tsvector('search_exact', content));

-- Whether a word is kept in search_words: not what is more likely an id, a hash or a number.
CREATE OR REPLACE FUNCTION is_search_word(word text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN length(word) BETWEEN 2 AND 30 AND (length(word) <= 12 OR word !~ '[0-9]') AND word !~ '^(xq)?[0-9]{4,}$';

CREATE OR REPLACE FUNCTION search_key(kind text, value text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN hashtextextended(kind || ':' || value, 0);

CREATE OR REPLACE FUNCTION words_without_a_letter(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY (SELECT DISTINCT left(word, i - 1) || substr(word, i + 1) FROM generate_series(1, length(word)) AS i);

-- Of a word and of what it becomes without one of its letters. Two words with one mistake between them (a letter too many, too
-- few, another one, or two exchanged) have a key in common. Short words have none, since all are like them, and no numbers.
CREATE OR REPLACE FUNCTION misspelling_keys(word text) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN length(word) BETWEEN 3 AND 24 AND word !~ '[0-9]' THEN
        ARRAY (SELECT hashtextextended(near, 0) FROM unnest(word || words_without_a_letter(word)) AS near)
    ELSE '{}' END;
