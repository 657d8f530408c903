-- Other forms of a word, which stand at its place in the index (cgraph/search/forms.py does the same).

-- How a word with an umlaut is written on a keyboard without them: Müller, Mueller.
CREATE OR REPLACE FUNCTION spelt_out(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    result text;
BEGIN
    IF octet_length(content) = length(content) THEN
        RETURN content;
    END IF;
    result := normalize(content, NFC);
    IF result !~ '[äöüøåÄÖÜØÅ]' THEN
        RETURN content;
    END IF;
    result := replace(replace(replace(replace(replace(result, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'), 'å', 'aa');
    RETURN replace(replace(replace(replace(replace(result, 'Ä', 'Ae'), 'Ö', 'Oe'), 'Ü', 'Ue'), 'Ø', 'Oe'), 'Å', 'Aa');
END $$;

-- The other forms of a word, each after a separator: without umlauts, and the parts of a name such as getUserName. What looks more
-- like an id has no parts.
CREATE OR REPLACE FUNCTION other_forms(word text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    spelt text := spelt_out(word);
    parts text[];
BEGIN
    IF word ~ '^[A-Za-z0-9]{4,40}$' AND word ~ '[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}' AND word !~ '[0-9][a-z]' THEN
        parts := string_to_array(regexp_replace(regexp_replace(word, '([a-z0-9])([A-Z])', '\1 \2', 'g'),
                                                '([A-Z])([A-Z][a-z])', '\1 \2', 'g'), ' ');
        IF cardinality(parts) <= 8 AND word ~ '[A-Za-z][a-z]{2}' THEN
            RETURN (SELECT string_agg(E'\x1f' || part, '') FROM unnest(parts) AS part WHERE length(part) > 1);
        END IF;
    END IF;
    RETURN CASE WHEN spelt <> word THEN E'\x1f' || spelt END;
END $$;

-- The text as search_text() makes it, each word with its other forms behind it; null if no word has one.
CREATE OR REPLACE FUNCTION search_forms(content text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    composed text := content;
BEGIN
    IF octet_length(composed) <> length(composed) THEN
        composed := normalize(composed, NFC);
        IF composed !~ '[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}|[äöüøåÄÖÜØÅ]' THEN
            RETURN NULL;
        END IF;
    ELSIF composed !~ '[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}' THEN
        RETURN NULL;
    END IF;
    composed := (
        SELECT string_agg(concat(m.match[1], m.match[2], CASE WHEN m.match[2] ~ '[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}|[äöüøåÄÖÜØÅ]'
                                                              THEN other_forms(m.match[2]) END), '' ORDER BY m.number)
        FROM regexp_matches(
            translate(composed, E'\x1f', ' '),
            '([^A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]*)'
            || '([A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]*)', 'g'
        ) WITH ORDINALITY AS m (match, number));
    RETURN CASE WHEN position(E'\x1f' IN composed) > 0 THEN search_text(composed) END;
END $$;

-- The other forms in a text of search_forms() as stems, each with the position of its word.
CREATE OR REPLACE FUNCTION form_stems(forms text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN (
        SELECT string_agg(quote_literal(coalesce((ts_lexize('search_stem', f.form))[1], f.form)) || ':'
                          || least(w.number, 16383), ' ')::tsvector
        FROM regexp_split_to_table(trim(forms, E' \n\t\r'), '[ \n\t\r]+') WITH ORDINALITY AS w (word, number),
             string_to_table(w.word, E'\x1f') WITH ORDINALITY AS f (form, number)
        WHERE position(E'\x1f' IN w.word) > 0 AND f.number > 1 AND f.form <> '');
END $$;

-- Stems of a text that search_text() has made, with the other forms of its words.
CREATE OR REPLACE FUNCTION stems_with_forms(folded text, forms text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF forms IS NULL THEN
        RETURN to_tsvector('search_stems', folded);
    END IF;
    RETURN concat(to_tsvector('search_stems', folded), ' ', form_stems(forms))::tsvector;
END $$;

-- The different words of a text, folded, and their other forms.
CREATE OR REPLACE FUNCTION written_words(content text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN search_words_of(coalesce(translate(search_forms(content), E'\x1f', ' '), search_text(content)));
END $$;
