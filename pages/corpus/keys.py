"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

DOCUMENT_SPLIT = "document_split"
DOCUMENT_KIND = "document_kind"
SEARCHED = "searched_text"
CSV_COLUMN = "csv_column"
CSV_HEADER = "csv_header"
DOCUMENT_START = "document_start"
PASTED = "pasted_text"
PASTED_IS_ADDED = "pasted_text_is_added"  # so that its box is empty when it is drawn again
GAVE = "what_the_last_text_gave"  # its name, and a sentence for each file and what was left out
TRAIN_ON = "train_on_this"
MIX_SHARE = "mix_share"
MIX_TITLE = "mix_title"
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
