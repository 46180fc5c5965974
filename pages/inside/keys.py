"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

INSIDE_STEP = "inside_step"
INSIDE_VIEW = "inside_view"
INSIDE_FOREIGN_VIEW = "inside_foreign_view"  # of a model that was made elsewhere
INSIDE_ADVANCED = "inside_advanced"
INSIDE_MORE = "inside_more"
INSIDE_TEXT = "inside_text"
INSIDE_POSITION = "inside_position"
INSIDE_LAYER = "inside_layer"
INSIDE_HEAD = "inside_head"
INSIDE_NAMED = "inside_named"  # the head that the text names, and the tokens that it read
INSIDE_HEADS = "inside_heads"
INSIDE_TEMPERATURE = "inside_temperature"
INSIDE_TOP_K = "inside_top_k"
INSIDE_TOP_P = "inside_top_p"
INSIDE_SEED = "inside_seed"
INSIDE_DRAWN = "inside_drawn"
PATCH_INTO = "inside_patch_into"
PATCH_SOURCE = "inside_patch_source"
PATCH_SUBJECT = "inside_patch_subject"
PATCH_SHOTS = "inside_patch_shots"
PATCH_HEAD = "inside_patch_head"
LOOKED_INSIDE = "looked-inside"  # a learner's answer: the views that were seen
VIEWS = ("odds", "attention", "map", "write")  # the parts of the lesson
PREDICTED_COPYING = "copying-head"
