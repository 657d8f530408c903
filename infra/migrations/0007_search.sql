-- What can be found, for the search without OpenSearch. No text is kept here: an answer is read from the tables that have it.

-- Stems of English words, stop words too: they are part of phrases, and a search leaves them out where it has other words. The
-- words come from search_text(), so the parser sees nothing but letters and digits.
CREATE TEXT SEARCH DICTIONARY search_stem (TEMPLATE = snowball, Language = english);
CREATE TEXT SEARCH CONFIGURATION search_stems (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION search_stems
    ADD MAPPING FOR asciiword, word, numword, int, uint, float, sfloat, version WITH search_stem;
CREATE TEXT SEARCH CONFIGURATION search_exact (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION search_exact
    ADD MAPPING FOR asciiword, word, numword, int, uint, float, sfloat, version WITH simple;

-- The documents by time, about two thousand in each slice: a search goes through them from the newest one and stops when it has
-- enough. A slice begins where its predecessor ends. Between two numbers is room for the parts of a slice that is split.
CREATE TABLE search_slices (
    number  bigint PRIMARY KEY,
    from_at timestamptz NOT NULL UNIQUE
);
INSERT INTO search_slices (number, from_at) VALUES (0, '-infinity');

-- `keys`: what a document can be selected by, see search_document_keys(). `words`: stems with their positions, of the title with the
-- weight A. A document that was deleted stays for a while, without keys and words, so that an older reading of it, which is
-- written late, is refused by its version.
CREATE TABLE search_documents (
    id          uuid NOT NULL,
    type        text NOT NULL CHECK (type IN ('message', 'post', 'comment', 'forum', 'user')),
    slice       bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    version     bigint NOT NULL,
    seq         bigint NOT NULL,
    score       integer NOT NULL,
    is_public   boolean NOT NULL,
    is_answered boolean NOT NULL,
    is_accepted boolean NOT NULL,
    place_id    uuid,
    seen_by     uuid,
    author_id   uuid,
    post_id     uuid,
    deleted_at  timestamptz,
    tags        text[] NOT NULL,
    features    text[] NOT NULL,
    keys        bigint[] NOT NULL,
    words       tsvector NOT NULL,
    PRIMARY KEY (id, type)
) WITH (fillfactor = 90);
CREATE INDEX search_documents_by_word ON search_documents USING gin (keys, words) WITH (fastupdate = off);
CREATE INDEX search_documents_by_slice ON search_documents (slice, created_at);
CREATE INDEX search_documents_deleted ON search_documents (deleted_at) WHERE deleted_at IS NOT NULL;

-- Words as they are written, in lower case: what a beginning of a word is completed with, and a misspelt one corrected to.
-- About 2^`weight` documents have the word. `newest`: of a frequent word a slice in whose neighbourhood the newest of them are, or
-- were. `misspellings`: keys of the word and of what it becomes without one of its letters.
CREATE TABLE search_words (
    word         text COLLATE "C" PRIMARY KEY,
    stem         text COLLATE "C" NOT NULL,
    weight       smallint NOT NULL,
    newest       bigint NOT NULL DEFAULT 0,
    misspellings bigint[] NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX search_words_by_stem ON search_words (stem);
CREATE INDEX search_words_by_letter ON search_words (left(word, 1), weight DESC, word);
CREATE INDEX search_words_by_two_letters ON search_words (left(word, 2), weight DESC, word);
CREATE INDEX search_words_by_three_letters ON search_words (left(word, 3), weight DESC, word);
CREATE INDEX search_words_misspelt ON search_words USING gin (misspellings) WITH (fastupdate = off);

-- A document that a search has found.
CREATE TYPE search_hit AS (
    type text, id uuid, created_at timestamptz, place_id uuid, author_id uuid, tags text[], rank double precision
);
