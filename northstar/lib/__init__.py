"""The ground floor: imports nothing of the product, is imported by everything."""
