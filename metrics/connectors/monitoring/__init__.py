"""Monitoring systems as sources: one number for each local period, asked for at its exact instants."""
