"""Routes, a file a subject, each a thin mapping over the store."""
