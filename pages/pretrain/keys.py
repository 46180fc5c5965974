"""The keys of this lesson: for widgets, values in the session, and a learner's answers."""

from ui.predict import DRAWN_ENDS

PRESET = "preset"
PRESET_ANYWAY = "preset_anyway"
END_EARLY = "end_early"
USUAL_TEXT = "usual_text"  # how often the form went back to the usual text
LR_DIAL = "lr_dial"
FILM = "film_step"
FILM_PLAYS = "film_plays"
WATTS = "watts_per_core"
PRICE = "price_per_kwh"
PAIR_KNOB = "pair_setting"
PAIR_VALUE = "pair_value"
OTHER_CORPUS = "again_other_corpus"
DRAWING = "drawn_curve"  # the positions of the handles, until a run is started
PREDICTION, PREDICTED_END = DRAWN_ENDS
SEEN_TRAINED = "seen-trained"  # a learner's answer: has seen a finished training
PREDICTED_PAIR = "better-of-two"  # a hash of the settings of both runs is added to it
