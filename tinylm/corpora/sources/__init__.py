"""Where text comes from: each module is one source of corpora, or helps the sources."""
