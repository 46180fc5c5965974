"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

DOCUMENT_SPLIT = "document_split"
DOCUMENT_KIND = "document_kind"
SEARCHED = "searched_text"
CSV_COLUMN = "csv_column"
CSV_HEADER = "csv_header"
DOCUMENT_START = "document_start"
PASTED = "pasted_text"
UPLOADED = "uploaded_file"
UPLOADS_TAKEN = "uploads_taken"  # how often files were taken in
REFUSED_FILES = "refused_files"  # how many of the chosen files did not come in
READING = "files_being_read"  # the name of the batch
UPLOAD_TITLE = "upload_title"
WORLD_TABLE = "world_table"
WORLD_TITLE = "world_title"
LOOKED_AT_CORPUS = "looked-at-corpus"
WORLD_DRAFT = "world_draft"  # the tables of a world that are being edited
WORLD_TRIED = "world_tried"  # how many times documents were generated from these tables
DOWNLOADING = "downloading"  # the corpus that this session asked to download
