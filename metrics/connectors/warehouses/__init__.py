"""SQL over HTTP: databases that take a query by a web request, through the guarded door."""
