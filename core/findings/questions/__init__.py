"""Questions put to the saved runs, beyond one run: precision, longer training, another teacher."""
