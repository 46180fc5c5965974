"""The keys of this page: for widgets and values in the session."""

VIEW = "own_task_view"
NEW, KEPT = VIEWS = ("new", "kept")  # its values
WAY = "own_task_way"  # how rows are brought: a file, a table that is typed, or the example
FILE = "own_task_file"
FILES_TAKEN = "own_task_files_taken"
TYPED = "own_task_typed"
TYPED_FIRST = "own_task_typed_first"  # the rows that the typed table began with
TYPED_ROWS = "own_task_typed_rows"  # what stands in it now
CELLS = "own_task_cells"  # the table that was brought: columns, rows, a name and notes
INPUTS = "own_task_inputs"
ANSWERS = "own_task_answers"
KIND = "own_task_kind"
TEMPLATE = "own_task_template"
PART = "own_task_part"  # with the name of a template and of its part
TITLE = "own_task_title"
CHOSEN = "own_task_chosen"  # the kept task that is looked at
