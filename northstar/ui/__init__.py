"""What templates need to draw states, bars, people and charts. Holds no data and knows no model."""
