"""A class on one server, as a benchmark: its story, its browsers, and what was found."""
