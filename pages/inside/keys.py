"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

INSIDE_STEP = "inside_step"
INSIDE_VIEW = "inside_view"
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
LOOKED_INSIDE = "looked-inside"  # a learner's answer: the views that were seen
VIEWS = ("odds", "attention", "map", "write")  # the parts of the lesson
PREDICTED_COPYING = "copying-head"
