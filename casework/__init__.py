"""Use cases: what staff do. Each owns its transaction; none knows Flask or Folium."""
