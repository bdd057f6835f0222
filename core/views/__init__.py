"""What each page shows, decided: plain data in, plain data out. No Streamlit, no torch."""
