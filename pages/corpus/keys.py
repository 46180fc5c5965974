"""Keys of this lesson: of widgets and values in the session, and of a learner's answers."""

DOCUMENT_SPLIT = "document_split"
DOCUMENT_KIND = "document_kind"
SEARCHED = "searched_text"
CSV_COLUMN = "csv_column"
DOCUMENT_START = "document_start"
PASTED = "pasted_text"
UPLOADED = "uploaded_file"
UPLOAD_TITLE = "upload_title"
WORLD_TABLE = "world_table"
WORLD_TITLE = "world_title"
LOOKED_AT_CORPUS = "looked-at-corpus"
WORLD_DRAFT = "world_draft"  # the tables that are being edited
WORLD_TRIED = "world_tried"  # how often documents were made from them
DOWNLOADING = "downloading"  # the text that this session asked for
