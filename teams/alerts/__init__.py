"""Alerts as sentences: reading whether one holds, writing down that it began, saying it."""
