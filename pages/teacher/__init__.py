"""The page of the teacher: the link to the class, its plan, its board, its bets, and its end."""
