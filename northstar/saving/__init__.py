"""Charts as files: PNG, SVG and CSV of what was drawn and stored."""
