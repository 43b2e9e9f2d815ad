"""The demo company: invented people, teams and bets over the numbers of the demo connector."""
