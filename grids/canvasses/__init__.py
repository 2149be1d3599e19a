"""专项摸排 (S4-09): a drive in which households are asked a few things, until a day on which the answers go."""
