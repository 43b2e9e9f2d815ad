"""The portfolio of bets and the map of gaps: composes metrics and teams."""
